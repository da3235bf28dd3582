/** The queue of timers, against sorting. */

import { assertEquals } from "@std/assert";
import { type Timer, TimerQueue } from "../../../src/reactor/timer_queue.ts";

const timer = (dueMs: number): Timer => ({ dueMs, action: () => {} });

/** Takes all timers of a queue. */
function drain(queue: TimerQueue): Timer[] {
  const timers: Timer[] = [];
  for (let next; (next = queue.take(Infinity, queue.mark)) !== undefined;) timers.push(next);
  return timers;
}

Deno.test("TimerQueue gives timers by deadline, equal ones as they were added", () => {
  // A linear congruential generator: the same numbers in every run.
  let seed = 1;
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 50; round++) {
    const queue = new TimerQueue();
    const timers = Array.from({ length: random(300) }, () => timer(random(20)));
    timers.forEach((each) => queue.add(each));
    const kept = timers.filter((each) => random(3) > 0 || (queue.delete(each), false));
    assertEquals(queue.earliestMs, Math.min(Infinity, ...kept.map(({ dueMs }) => dueMs)));
    const taken = drain(queue);
    const expected = kept.toSorted((a, b) => a.dueMs - b.dueMs);
    assertEquals(taken.length, expected.length);
    assertEquals(taken.every((each, index) => each === expected[index]), true);
  }
});

Deno.test("TimerQueue takes only what is due, and was there at the mark", () => {
  const queue = new TimerQueue();
  const [early, late] = [timer(1), timer(2)];
  queue.add(late);
  queue.add(early);
  const { mark } = queue;
  queue.add(timer(0));
  assertEquals(queue.take(0, mark), undefined);
  assertEquals(queue.take(0, queue.mark)?.dueMs, 0);
  assertEquals(queue.take(1, mark) === early, true);
  assertEquals(queue.take(1, mark), undefined);
  assertEquals(queue.earliestMs, 2);
});
