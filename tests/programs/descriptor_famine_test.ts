/** svscan that may have no more descriptors than it has open anyhow. */

import { assertEquals } from "@std/assert";
import { waitForUp, writeService } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, start, tool } from "../support/tools.ts";

const COUNT = 4;

/** The lowest number that is no descriptor of a process. */
function lowestFree(pid: number): number {
  const used = new Set([...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => Number(name)));
  return Array.from({ length: used.size + 1 }, (_, fd) => fd).find((fd) => !used.has(fd))!;
}

Deno.test({
  name: "svscan keeps statuses up to date where it may open no more than it needs to hold",
  // A supervise of the C tools has few descriptors, and all it needs.
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    const services: string[] = [];
    for (let number = 0; number < COUNT; number++) {
      services.push(await writeService(dir.join(`sd/s${number}`)));
    }
    const begin = (limit: number) => {
      const script = `ulimit -n ${limit}; exec "$@"`;
      return start("/bin/sh", ["-c", script, "sh", tool("svscan"), dir.join("sd")]);
    };
    // As many as it has with all services it is to have, and not one more.
    let enough: number;
    {
      await using svscan = begin(200);
      for (const service of services) await waitForUp(service);
      enough = lowestFree(svscan.pid);
      svscan.kill("SIGTERM");
      assertEquals((await svscan.status).code, 0);
    }
    await using svscan = begin(enough);
    for (const service of services) {
      const pid = await waitForUp(service);
      Deno.kill(pid, "SIGKILL");
      await waitForUp(service, pid);
    }
    assertEquals(svscan.stderr, "");
    svscan.kill("SIGTERM");
    assertEquals((await svscan.status).code, 0);
  },
});
