/** When garbage is collected, on a virtual clock. */

import { assertEquals } from "@std/assert";
import { GarbageSchedule } from "../../src/reactor/garbage_schedule.ts";
import { Engine } from "./engine.ts";

/** A program that is busy when the test says so. */
class Program extends Engine {
  readonly collected: string[] = [];
  readonly #schedule = new GarbageSchedule(
    { collectGarbage: (isAtRest = false) => this.collected.push(isAtRest ? "rest" : "busy") },
    this.host.reactor,
  );

  turn(count: number): void {
    for (; count > 0; count--) this.#schedule.noteTurn();
  }
}

Deno.test("GarbageSchedule collects every 256 turns, and once when it has become quiet", async () => {
  const program = new Program();
  program.turn(600);
  assertEquals(program.collected.splice(0), ["busy", "busy"]);
  await program.pass(4500);
  assertEquals(program.collected.splice(0), ["rest"]);
  await program.pass(3_600_000);
  program.turn(60);
  await program.pass(3_600_000);
  program.turn(60);
  assertEquals(program.collected, []);
  program.turn(100);
  assertEquals(program.collected, ["busy"]);
});

Deno.test("GarbageSchedule looks once after less than that, when it wakes up next", async () => {
  const program = new Program();
  program.turn(100);
  await program.pass(1500);
  program.turn(1);
  await program.pass(5000);
  assertEquals(program.collected, []);
  for (let scan = 0; scan < 10; scan++) {
    program.turn(15);
    await program.pass(5000);
  }
  assertEquals(program.collected, ["rest"]);
});

Deno.test("GarbageSchedule takes nothing for quiet in which there is more than a little to do", async () => {
  const program = new Program();
  program.turn(256);
  for (let second = 0; second < 5; second++) {
    await program.pass(1000);
    program.turn(40);
  }
  assertEquals(program.collected, ["busy"]);
  await program.pass(4500);
  assertEquals(program.collected, ["busy", "rest"]);
});
