import { assertEquals } from "@std/assert";
import { Gathering } from "../../../src/reactor/gathering.ts";

const pauseMs = (gathering: Gathering, nowMs: number) => gathering.pause(nowMs, true)?.ms ?? 0;

Deno.test("Gathering pauses while input comes often, and not for input that is rare", () => {
  const gathering = new Gathering();
  assertEquals(pauseMs(gathering, 0), 0);
  gathering.noteInput(0);
  assertEquals(pauseMs(gathering, 1), 0);
  gathering.noteInput(10);
  assertEquals([pauseMs(gathering, 10), pauseMs(gathering, 36)], [8, 0]);
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
  assertEquals(pauseMs(gathering, 112), 8);
});

Deno.test("Gathering lets the runtime have a turn now and then, and where it waits for one", () => {
  const gathering = new Gathering();
  gathering.noteInput(0);
  gathering.noteInput(1);
  const held = Array.from({ length: 32 }, () => gathering.pause(2, true)?.holdsUp);
  assertEquals(held.filter((holdsUp) => holdsUp === false).length, 2);
  assertEquals(gathering.pause(2, false)?.holdsUp, false);
});
