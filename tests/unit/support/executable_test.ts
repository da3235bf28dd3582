import { assertEquals } from "@std/assert";
import { isOpenForWriting, waitForWriters, writeExecutable } from "../../support/executable.ts";
import { tempDir } from "../../support/temp.ts";
import { run } from "../../support/tools.ts";

Deno.test("isOpenForWriting() is true until the last writer closes the file", async () => {
  await using dir = await tempDir();
  await writeExecutable(dir.join("file"), "#!/bin/sh\nexit 3\n");
  assertEquals(isOpenForWriting(dir.join("file")), false);
  {
    using _reader = await Deno.open(dir.join("file"));
    assertEquals(isOpenForWriting(dir.join("file")), false);
    using _writer = await Deno.open(dir.join("file"), { write: true });
    assertEquals(isOpenForWriting(dir.join("file")), true);
  }
  await waitForWriters(dir.join("file"));
  assertEquals((await run(dir.join("file"))).code, 3);
});
