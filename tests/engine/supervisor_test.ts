/** Every state and event of a supervisor, on a fake kernel and a virtual clock. */

import { assertEquals } from "@std/assert";
import { SIGNAL } from "../../src/base/signals.ts";
import { decodeStatus } from "../../src/base/status_record.ts";
import type { Supervisor } from "../../src/supervision/supervisor.ts";
import { type Event, type State, TRANSITIONS } from "../../src/supervision/transitions.ts";
import { Engine } from "./engine.ts";

const { HUP, INT, QUIT, KILL, USR1, USR2, ALRM, TERM, CONT, STOP, WINCH } = SIGNAL;

/** Brings a supervisor into a state: more than a second after its last start, unless `waiting`. */
async function inState(state: State): Promise<{ engine: Engine; supervisor: Supervisor }> {
  const engine = new Engine();
  const supervisor = engine.supervise({ down: state === "down" });
  if (state === "finishing") engine.fake.addFile("/s/finish");
  if (state === "waiting") engine.fake.endProcess(supervisor.pid);
  else await engine.pass(5000);
  if (state === "paused") supervisor.handle("p");
  if (state === "finishing") engine.fake.endProcess(supervisor.pid);
  if (state === "ended") {
    supervisor.handle("x");
    engine.fake.endProcess(supervisor.pid);
  }
  await engine.settle();
  for (const process of engine.fake.started) process.signals.length = 0;
  assertEquals(supervisor.state, state);
  return { engine, supervisor };
}

/** What an event makes of a supervisor: state, want, signals sent, processes started meanwhile. */
type Outcome = [state: State, want: string, signals: number[], starts: number];

const SAME_DOWN: Outcome = ["down", "down", [], 0];
const SAME_WAITING: Outcome = ["waiting", "up", [], 0];
const finishing = (want: string, ...signals: number[]): Outcome => ["finishing", want, signals, 0];
const ENDED: Outcome = ["ended", "up", [], 0];
const up = (...signals: number[]): Outcome => ["up", "up", signals, 0];
const paused = (...signals: number[]): Outcome => ["paused", "up", signals, 0];

/** Letters that do the same to a service in every respect but the signal. */
const more = (
  outcome: (...signals: number[]) => Outcome,
): Record<"q" | "1" | "2" | "w" | "+" | "=", Outcome> => ({
  q: outcome(QUIT),
  1: outcome(USR1),
  2: outcome(USR2),
  w: outcome(WINCH),
  "+": outcome(),
  "=": outcome(),
});

const OUTCOMES: Record<State, Record<Event, Outcome>> = {
  down: {
    ...more(() => SAME_DOWN),
    u: ["up", "up", [], 1],
    o: ["up", "once", [], 1],
    d: SAME_DOWN,
    x: ["ended", "down", [], 0],
    stop: ["ended", "down", [], 0],
    p: SAME_DOWN,
    c: SAME_DOWN,
    h: SAME_DOWN,
    a: SAME_DOWN,
    i: SAME_DOWN,
    t: SAME_DOWN,
    k: SAME_DOWN,
    died: SAME_DOWN,
    finished: SAME_DOWN,
    due: SAME_DOWN,
  },
  waiting: {
    ...more(() => SAME_WAITING),
    u: SAME_WAITING,
    o: ["waiting", "once", [], 0],
    d: ["down", "down", [], 0],
    x: ["ended", "up", [], 0],
    stop: ["ended", "up", [], 0],
    p: SAME_WAITING,
    c: SAME_WAITING,
    h: SAME_WAITING,
    a: SAME_WAITING,
    i: SAME_WAITING,
    t: SAME_WAITING,
    k: SAME_WAITING,
    died: SAME_WAITING,
    finished: SAME_WAITING,
    due: SAME_WAITING,
  },
  up: {
    ...more(up),
    u: up(),
    o: ["up", "once", [], 0],
    d: ["up", "down", [TERM, CONT], 0],
    x: up(),
    stop: ["up", "down", [TERM, CONT], 0],
    p: paused(STOP),
    c: up(CONT),
    h: up(HUP),
    a: up(ALRM),
    i: up(INT),
    t: up(TERM),
    k: up(KILL),
    died: ["up", "up", [], 1],
    finished: up(),
    due: up(),
  },
  paused: {
    ...more(paused),
    u: paused(),
    o: ["paused", "once", [], 0],
    d: ["up", "down", [TERM, CONT], 0],
    x: paused(),
    stop: ["up", "down", [TERM, CONT], 0],
    p: paused(STOP),
    c: up(CONT),
    h: paused(HUP),
    a: paused(ALRM),
    i: paused(INT),
    t: paused(TERM),
    k: paused(KILL),
    died: ["up", "up", [], 1],
    finished: paused(),
    due: paused(),
  },
  finishing: {
    ...more(() => finishing("up")),
    u: finishing("up"),
    o: finishing("once"),
    d: finishing("down"),
    x: finishing("up"),
    stop: finishing("down"),
    p: finishing("up"),
    c: finishing("up"),
    h: finishing("up"),
    a: finishing("up"),
    i: finishing("up"),
    t: finishing("up"),
    k: finishing("up", KILL),
    died: finishing("up"),
    finished: ["up", "up", [], 1],
    due: finishing("up"),
  },
  ended: {
    ...more(() => ENDED),
    u: ENDED,
    o: ENDED,
    d: ENDED,
    x: ENDED,
    stop: ENDED,
    p: ENDED,
    c: ENDED,
    h: ENDED,
    a: ENDED,
    i: ENDED,
    t: ENDED,
    k: ENDED,
    died: ENDED,
    finished: ENDED,
    due: ENDED,
  },
};

for (const state of Object.keys(TRANSITIONS) as State[]) {
  for (const event of Object.keys(TRANSITIONS[state]) as Event[]) {
    Deno.test(`Supervisor in state ${state} takes ${event}`, async () => {
      const { engine, supervisor } = await inState(state);
      const startsBefore = engine.fake.started.length;
      const process = engine.fake.started[startsBefore - 1];
      if (event === "finished" && state === "finishing") {
        engine.fake.endProcess(process!.pid);
        await engine.settle();
      } else if (event === "died" && process !== undefined && supervisor.pid !== 0) {
        engine.fake.endProcess(process.pid);
        await engine.settle();
      } else supervisor.handle(event);
      const outcome: Outcome = [
        supervisor.state,
        supervisor.want,
        process?.signals ?? [],
        engine.fake.started.length - startsBefore,
      ];
      assertEquals(outcome, OUTCOMES[state][event]);
      if (supervisor.state !== "ended") {
        const record = decodeStatus(engine.fake.contents("/s/supervise/status")!);
        assertEquals(
          { pid: record.pid, paused: record.paused, want: record.want },
          {
            pid: supervisor.pid,
            paused: supervisor.state === "paused",
            want: supervisor.want,
          },
        );
      }
    });
  }
}
