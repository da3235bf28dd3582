import { assertEquals } from "@std/assert";
import { UpGoal } from "../../../src/observation/goal.ts";
import type { Observation } from "../../../src/observation/observe.ts";

const place = { name: "s", path: "/s", supervisePath: "/s/supervise" };
const at = (seconds: number, nanoseconds = 0) => ({ seconds, nanoseconds });
const up = (pid: number, since: number): Observation => ({
  place,
  state: "up",
  want: "up",
  pid,
  since: at(since),
});
const down = (since: number): Observation => ({
  place,
  state: "backing off",
  want: "up",
  since: at(since),
});

Deno.test("UpGoal is reached when a process has been up for a second", () => {
  const goal = new UpGoal({ asked: at(100) });
  assertEquals(goal.judge(down(90), at(100)), Infinity);
  assertEquals(goal.judge(up(5, 101), at(101)), 1001);
  assertEquals(goal.judge(up(5, 101), at(102)), { reached: true, text: "up (pid 5)" });
});

Deno.test("UpGoal counts ends, seen or not, and gives up after three", () => {
  const goal = new UpGoal({ asked: at(100) });
  goal.judge(up(5, 101), at(101));
  assertEquals(goal.judge(down(102), at(102)), Infinity);
  // The next start was not seen.
  assertEquals(goal.judge(down(103), at(103)), Infinity);
  goal.judge(up(7, 104), at(104));
  // Nor was this end.
  assertEquals(goal.judge(up(8, 105), at(105)), {
    reached: false,
    text: "down: ended after 1s, three times",
  });
});

Deno.test("UpGoal takes a process that has ended for what it is", () => {
  const goal = new UpGoal({ asked: at(100) });
  for (const pid of [5, 6]) goal.judge({ ...up(pid, 100 + pid), hasEnded: true }, at(100 + pid));
  assertEquals(goal.judge({ ...up(7, 107), hasEnded: true }, at(109)), {
    reached: false,
    text: "down: ended, three times",
  });
});

Deno.test("UpGoal of a restart waits for another process, and does not count the end of the first", () => {
  const goal = new UpGoal({ asked: at(100), before: 5 });
  assertEquals(goal.judge(up(5, 50), at(100)), Infinity);
  assertEquals(goal.giveUp(up(5, 50)), "still the same process (pid 5): it has not ended yet");
  goal.judge(down(101), at(101));
  goal.judge(up(6, 102), at(102));
  goal.judge(down(102.5), at(103));
  assertEquals(goal.giveUp(down(103)), "down: ended after 0.5s");
});

Deno.test("UpGoal waits for readiness where a service says so", () => {
  const goal = new UpGoal({ asked: at(100), saysReady: true });
  assertEquals(goal.judge(up(5, 101), at(110)), Infinity);
  assertEquals(goal.judge({ ...up(5, 101), state: "ready" }, at(110)), {
    reached: true,
    text: "ready (pid 5)",
  });
  // It will not say so before somebody lets it go on.
  assertEquals(goal.judge({ ...up(5, 101), state: "paused" }, at(110)), {
    reached: false,
    text: "paused (pid 5)",
  });
});

Deno.test("UpGoal of once is reached when the run has ended well", () => {
  const asked = at(100);
  const lastExit = (code: number) => ({ at: at(101), pid: 5, code, ranSeconds: 0.25 });
  const judge = (code: number) =>
    new UpGoal({ asked, once: true })
      .judge({ ...down(101), want: "once", state: "down", lastExit: lastExit(code) }, at(101));
  assertEquals(judge(0), { reached: true, text: "down: exited with code 0 after 0.3s" });
  assertEquals(judge(2), { reached: false, text: "down: exited with code 2 after 0.3s" });
});

Deno.test("UpGoal does not take a service that was not started yet for one that has ended", () => {
  const goal = new UpGoal({ asked: at(100), comes: true });
  goal.judge(down(101), at(101));
  for (const [pid, since] of [[5, 102], [6, 104]] as const) {
    goal.judge(up(pid, since), at(since));
    assertEquals(goal.judge(down(since + 1), at(since + 1)), Infinity);
  }
  goal.judge(up(7, 106), at(106));
  const failure = { reached: false, text: "down: ended after 1s, three times" };
  assertEquals(goal.judge(down(107), at(107)), failure);
});

Deno.test("UpGoal believes the history, where there is one", () => {
  const exit = (seconds: number, pid: number) => ({
    at: at(seconds),
    event: "exit",
    details: new Map([["pid", String(pid)]]),
  });
  const goal = new UpGoal({ asked: at(100) });
  // The status of a supervisor that has just begun.
  assertEquals(goal.judge({ ...down(101), history: [] }, at(101)), Infinity);
  const twice = { ...down(103), history: [exit(102, 5), exit(103, 6)] };
  assertEquals(goal.judge(twice, at(103)), Infinity);
  assertEquals(goal.giveUp(twice), "down: ended, twice");
});
