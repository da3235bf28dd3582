import { assertEquals, assertThrows } from "@std/assert";
import { decodeServiceStatus, normalizeSvstat, writeService } from "../../support/service.ts";
import { tempDir } from "../../support/temp.ts";

Deno.test("decodeServiceStatus() reads the 18 bytes", () => {
  const record = new Uint8Array(
    [0x40, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 7, 0x39, 0x30, 0, 0, 1, 0x75],
  );
  assertEquals(
    decodeServiceStatus(record),
    { seconds: 256n, nanoseconds: 7, pid: 12345, paused: true, want: "u" },
  );
});

Deno.test("decodeServiceStatus() refuses what no daemontools writes", () => {
  assertThrows(() => decodeServiceStatus(new Uint8Array(17)), Error, "17 bytes");
  assertThrows(() => decodeServiceStatus(new Uint8Array(18).fill(0x78, 17)), Error, "want");
  assertThrows(() => decodeServiceStatus(new Uint8Array(18).fill(2, 16, 17)), Error, "paused");
});

Deno.test("normalizeSvstat() takes out what differs from run to run", () => {
  assertEquals(
    normalizeSvstat("a: up (pid 12) 3 seconds, paused\n"),
    "a: up (pid PID) SECONDS seconds, paused\n",
  );
});

Deno.test("writeService() writes executable scripts", async () => {
  await using dir = await tempDir();
  const path = await writeService(dir.join("a"), {
    run: "exit 0",
    logRun: "#!/bin/false",
    down: true,
    files: { "env/A": "b" },
  });
  assertEquals(await Deno.readTextFile(`${path}/run`), "#!/bin/sh\nexit 0\n");
  assertEquals(await Deno.readTextFile(`${path}/log/run`), "#!/bin/false\n");
  assertEquals((await Deno.stat(`${path}/run`)).mode! & 0o777, 0o755);
  assertEquals(await Deno.readTextFile(`${path}/env/A`), "b");
  assertEquals((await Deno.stat(`${path}/down`)).size, 0);
});
