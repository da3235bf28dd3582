import { assertEquals } from "@std/assert";
import { Gathering } from "../../../src/reactor/gathering.ts";

const pauseMs = (gathering: Gathering, nowMs: number, mayPause = true) =>
  gathering.manner(nowMs, { isAlone: true, mayPause }).pauseMs;

Deno.test("Gathering pauses while input comes often, and not for input that is rare", () => {
  const gathering = new Gathering();
  assertEquals(pauseMs(gathering, 0), 0);
  gathering.noteInput(0);
  assertEquals(pauseMs(gathering, 1), 0);
  gathering.noteInput(10);
  assertEquals([pauseMs(gathering, 10), pauseMs(gathering, 36)], [13, 0]);
  assertEquals(pauseMs(gathering, 10, false), 0);
  gathering.noteInput(50);
  assertEquals(pauseMs(gathering, 50), 0);
});

Deno.test("Gathering holds nothing up while there is much to do", () => {
  const gathering = new Gathering();
  gathering.noteInput(0);
  gathering.hurry(1);
  gathering.noteInput(1);
  assertEquals(pauseMs(gathering, 2), 0);
  gathering.noteInput(110);
  gathering.noteInput(111);
  assertEquals(pauseMs(gathering, 112), 13);
});

Deno.test("Gathering lets the runtime have a turn now and then, and where it waits for one", () => {
  const gathering = new Gathering();
  const holdsUp = (isAlone: boolean) => gathering.manner(2, { isAlone, mayPause: true }).holdsUp;
  const held = Array.from({ length: 128 }, () => holdsUp(true));
  assertEquals(held.filter((each) => !each).length, 2);
  assertEquals(holdsUp(false), false);
});
