import { assertEquals } from "@std/assert";
import { Gathering } from "../../../src/reactor/gathering.ts";

Deno.test("Gathering pauses while input comes often, and not for input that is rare", () => {
  const gathering = new Gathering();
  assertEquals(gathering.pauseMs(0), 0);
  gathering.noteInput(0);
  assertEquals(gathering.pauseMs(1), 0);
  gathering.noteInput(10);
  assertEquals([gathering.pauseMs(10), gathering.pauseMs(36)], [8, 0]);
  gathering.noteInput(50);
  assertEquals(gathering.pauseMs(50), 0);
});

Deno.test("Gathering holds nothing up while there is much to do", () => {
  const gathering = new Gathering();
  gathering.noteInput(0);
  gathering.hurry(1);
  gathering.noteInput(1);
  assertEquals(gathering.pauseMs(2), 0);
  gathering.noteInput(110);
  gathering.noteInput(111);
  assertEquals(gathering.pauseMs(112), 8);
});
