/** The excuses for a pipe without a reader. */

import { assertEquals } from "@std/assert";
import { PipeWatch } from "../../torture/pipe_watch.ts";

Deno.test("PipeWatch excuses nothing while svscan or the logger is there", () => {
  const watch = new PipeWatch();
  watch.lostReader();
  assertEquals(watch.judge([50]), [50]);
  watch.letGo(100);
  watch.held(200);
  watch.lostReader();
  assertEquals(watch.judge([150, 250]), [150, 250]);
});

Deno.test("PipeWatch excuses what is met while both are dead", () => {
  const watch = new PipeWatch();
  watch.letGo(1000);
  watch.letGo(1500);
  watch.lostReader();
  assertEquals(watch.isLetGo, true);
  watch.held(2000);
  assertEquals(watch.isLetGo, false);
  assertEquals(watch.judge([900, 1000, 1700, 2000, 9000]), [900, 9000]);
});
