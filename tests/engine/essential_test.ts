/** Services with which everything is to end, on a fake kernel. */

import { assertEquals } from "@std/assert";
import { decode } from "../../src/base/bytes.ts";
import { ScanEngine } from "./scan_engine.ts";

/** A scan with the service `a`, which has these files, and the ends that were told. */
async function scanned(files: Record<string, string>) {
  const ends: [string, number | undefined][] = [];
  const engine = new ScanEngine({
    onEssentialEnd: (name, waitStatus) => void ends.push([decode(name), waitStatus]),
  });
  engine.addService("a", true);
  for (const [name, text] of Object.entries(files)) engine.fake.addFile(`/service/a/${name}`, text);
  engine.scan.begin();
  await engine.pass(2000);
  /** Sends letters to a service and lets its process end, or that of its logger. */
  const end = async (letters: string, waitStatus: number, name = "a") => {
    engine.fake.feed(`/service/${name}/supervise/control`, letters);
    await engine.settle();
    engine.fake.endProcess(engine.processOf(name).pid, waitStatus);
    await engine.settle();
  };
  return { engine, ends, end };
}

Deno.test("an essential service tells its end when it was told once", async () => {
  const { ends, end } = await scanned({ essential: "" });
  await end("", 0);
  assertEquals(ends, []);
  await end("o", 7 << 8);
  assertEquals(ends, [["a", 7 << 8]]);
});

Deno.test("an essential service tells its end when it has no more restarts", async () => {
  const limited = await scanned({ essential: "", "max-restarts": "0 1000" });
  await limited.end("", 9);
  assertEquals(limited.ends, [["a", 9]]);
  const permanent = await scanned({ essential: "", "permanent-exit": "100" });
  await permanent.end("", 100 << 8);
  assertEquals(permanent.ends, [["a", 100 << 8]]);
});

Deno.test("an essential service may be told down, and its finish comes before its end", async () => {
  const { engine, ends, end } = await scanned({ essential: "", finish: "" });
  await end("o", 1 << 8);
  assertEquals(ends, []);
  engine.fake.endProcess(engine.processOf("a").pid);
  await engine.settle();
  assertEquals(ends, [["a", 1 << 8]]);
  const down = await scanned({ essential: "" });
  await down.end("d", 15);
  assertEquals(down.ends, []);
});

Deno.test("a service that is not essential ends alone, and so does a logger", async () => {
  const { engine, ends, end } = await scanned({});
  await end("o", 0);
  engine.fake.addFile("/service/a/log/essential");
  await end("o", 0, "a/log");
  assertEquals(ends, []);
});
