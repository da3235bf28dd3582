/** svup: what its exit code says of a service. */

import { assertEquals } from "@std/assert";
import { waitForSupervisor, waitForUp, writeService } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, run, start } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

Deno.test({
  name: "svup is 0 for a service that is up, 100 for one that is not, 111 for what is none",
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    await writeService(dir.join("web"), { down: true });
    const code = async (name: string) => (await run("svup", [dir.join(name)])).code;
    assertEquals(await code("web"), 100);
    await using supervise = start("supervise", [dir.join("web")]);
    await waitForSupervisor(dir.join("web"));
    assertEquals(await code("web"), 100);
    await run("svc", ["-u", dir.join("web")]);
    await waitForUp(dir.join("web"));
    assertEquals(await code("web"), 0);
    // One that says when it is ready is not up before.
    await Deno.writeTextFile(dir.join("web/notification-fd"), "3");
    assertEquals(await code("web"), 100);
    await Deno.remove(dir.join("web/notification-fd"));
    await run("svc", ["-dx", dir.join("web")]);
    await supervise.status;
    assertEquals(await code("web"), 100);
    const missing = await run("svup", [dir.join("nosuch")]);
    assertEquals([missing.code, missing.stderr], [
      111,
      `svup: fatal: unable to chdir to ${dir.join("nosuch")}: file does not exist\n`,
    ]);
    assertEquals((await run("svup")).code, 100);
  },
});

Deno.test({
  name: "supervise sends the letters q 1 2 w, and to a process group behind +",
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    const script = [
      'for s in QUIT USR1 USR2 WINCH TERM; do trap "echo $s >>got" $s; done',
      // A child that only a signal to the group reaches.
      "sh -c 'trap \"echo child >>got; exit\" USR1; while :; do sleep 0.02; done' &",
      "while :; do sleep 0.02; done",
    ].join("\n");
    await writeService(dir.join("web"), {
      run: `exec pgrphack sh ./main\n`,
      files: { main: script },
    });
    await using _supervise = start("supervise", [dir.join("web")]);
    await waitForUp(dir.join("web"));
    const got = () => Deno.readTextFileSync(dir.join("web/got"));
    const send = async (option: string, wanted: string) => {
      await waitFor(async () => {
        await run("svc", [option, dir.join("web")]);
        return got().includes(wanted);
      }, { what: `${wanted} after ${option}`, explain: () => got() });
    };
    await send("-q", "QUIT");
    await send("-1", "USR1");
    await send("-2", "USR2");
    await send("-w", "WINCH");
    assertEquals(got().includes("child"), false);
    await send("-+1", "child");
  },
});
