import { assertEquals } from "@std/assert";
import { parseHistory } from "../../../src/base/history_lines.ts";
import { exitsIn, restartsSince } from "../../../src/observation/history.ts";
import { parseProcessStat, ProcessTable } from "../../../src/observation/process_table.ts";
import {
  durationText,
  exitText,
  shortDuration,
  sizeText,
} from "../../../src/observation/quantities.ts";
import { isAsWanted, judge } from "../../../src/observation/state.ts";
import { tai64nLabel } from "../../../src/base/tai64n.ts";

const label = (seconds: number) => tai64nLabel({ seconds, nanoseconds: 0 });
const HISTORY = parseHistory([
  `${label(100)} start pid=10`,
  `${label(110)} exit pid=10 code=1 seconds=10.000`,
  "rubbish",
  `${label(111)} start pid=11`,
  `${label(120)} exit pid=11 signal=15 seconds=9.000 by=t`,
  `${label(120)} wait seconds=8`,
  "",
].join("\n"));

Deno.test("parseHistory() reads what is known and leaves out the rest", () => {
  assertEquals(HISTORY.map(({ event }) => event), ["start", "exit", "start", "exit", "wait"]);
  assertEquals(exitsIn(HISTORY), [
    { at: { seconds: 110, nanoseconds: 0 }, pid: 10, code: 1, ranSeconds: 10 },
    { at: { seconds: 120, nanoseconds: 0 }, pid: 11, signal: 15, ranSeconds: 9, by: "t" },
  ]);
  assertEquals(restartsSince(HISTORY, 0), 1);
  assertEquals(restartsSince(HISTORY, 112), 0);
});

Deno.test("judge() finds the word for a state", () => {
  const now = { seconds: 125, nanoseconds: 0 };
  const stateOf = (
    pid: number,
    want: "up" | "down" | "once",
    lines?: readonly string[],
    paused = false,
  ) => {
    const status = { taiSeconds: 0n, nanoseconds: 0, pid, paused, want };
    const history = lines && parseHistory(lines.map((line) => `${label(120)} ${line}`).join("\n"));
    return judge({ status, history, now });
  };
  assertEquals(stateOf(5, "up"), { state: "up" });
  assertEquals(stateOf(5, "up", ["start pid=5"]), { state: "up" });
  assertEquals(stateOf(5, "up", ["start pid=5", "ready pid=5"]), { state: "ready" });
  assertEquals(stateOf(5, "up", ["ready pid=4", "start pid=5"]), { state: "up" });
  assertEquals(stateOf(5, "up", [], true), { state: "paused" });
  assertEquals(stateOf(0, "down"), { state: "down" });
  assertEquals(stateOf(0, "once"), { state: "down" });
  assertEquals(stateOf(0, "up"), { state: "backing off" });
  assertEquals(stateOf(0, "up", ["exit pid=1 code=1", "wait seconds=8"]), {
    state: "backing off",
    startsInSeconds: 3,
  });
  assertEquals(stateOf(0, "up", ["exit pid=1", "finish pid=2"]), { state: "finishing" });
  assertEquals(stateOf(0, "down", ["failed reason=max-restarts"]), {
    state: "failed",
    why: "max-restarts",
  });
});

Deno.test("isAsWanted() holds for what is wanted, and for nothing that is unknown", () => {
  assertEquals(isAsWanted("up", "up"), true);
  assertEquals(isAsWanted("up", "down"), false);
  assertEquals(isAsWanted("down", "down"), true);
  assertEquals(isAsWanted("down", "once"), true);
  assertEquals(isAsWanted("paused", "up"), false);
  assertEquals(isAsWanted("unknown", undefined), false);
});

Deno.test("ProcessTable adds up what a process and its descendants use", () => {
  const stat = (pid: number, parent: number, state = "S") =>
    `${pid} (a) b) ${state} ${parent} 7 7 0 -1 0 0 0 0 0 150 50 0 0 20 0 1 0 500 9999 10 18446744`;
  const entries = [stat(10, 1), stat(11, 10), stat(12, 11), stat(13, 1), stat(14, 1, "Z")]
    .map((text) => parseProcessStat(text)!);
  const table = new ProcessTable(entries, 1000);
  assertEquals(table.usageOf(10), { cpuSeconds: 6, memoryBytes: 3 * 40960, processes: 3 });
  assertEquals(table.usageOf(14), undefined);
  assertEquals(table.get(13)?.startSeconds, 5);
  assertEquals(table.get(13)?.name, "a) b");
  for (const text of ["", "10", "10 (a", "10 (a) S", "x (a) S 1", "10 (a) SS 1"]) {
    assertEquals(parseProcessStat(text), undefined, text);
  }
});

Deno.test("quantities are short", () => {
  assertEquals([0, 0.21, 59, 61, 3600, 90061, -5].map(durationText), [
    "0s",
    "0.2s",
    "59s",
    "1m 1s",
    "1h",
    "1d 1h",
    "0s",
  ]);
  assertEquals([0, 59, 3599, 86399].map(shortDuration), ["0s", "59s", "59m", "23h"]);
  assertEquals([0, 999, 1000, 10240, 5 << 20, 2 ** 40].map(sizeText), [
    "0B",
    "999B",
    "1.0K",
    "10K",
    "5.0M",
    "1.0T",
  ]);
  assertEquals(exitText({ signal: 9 }), "killed by SIGKILL");
  assertEquals(exitText({ code: 3 }), "exited with code 3");
});
