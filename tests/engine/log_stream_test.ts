/** A log stream on a fake kernel: opening, and what holds up reading. */

import { assertEquals, assertRejects } from "@std/assert";
import { encode } from "../../src/base/bytes.ts";
import { ProgramEnd } from "../../src/base/messages.ts";
import { LogStream } from "../../src/logging/log_stream.ts";
import { parseScript } from "../../src/logging/script.ts";
import { FakeLogKernel } from "./fake_log_kernel.ts";

const scriptOf = (...words: string[]) => parseScript(words.map(encode));

Deno.test("LogStream leaves nothing open when a part of its script cannot be had", async () => {
  const kernel = new FakeLogKernel();
  const { lock } = kernel;
  let locks = 0;
  kernel.lock = () => {
    if (++locks === 2) kernel.failures["lock"] = ["EAGAIN"];
    lock.call(kernel);
  };
  const script = scriptOf("=status", "./one", "./two");
  await kernel.until(
    assertRejects(() => LogStream.open(kernel.context, 0, script), ProgramEnd),
  );
  assertEquals([locks, kernel.openCount], [2, 0]);
  // What was open by then ended in order.
  assertEquals(kernel.files.get("current")!.permissions, 0o744);
});
