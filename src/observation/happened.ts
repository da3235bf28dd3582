/**
 * Whether a service was up, ready, down or finished between two looks at it, though it is not any
 * more: where supervise keeps a history, by that; else by what the status tells.
 */

import type { HistoryEvent } from "../base/history_lines.ts";
import type { Condition } from "./goal.ts";
import { compareTimes } from "./line_time.ts";
import type { Observation } from "./observe.ts";

/** Whether a condition held at some time between two looks, the earlier one first. */
export function happened(condition: Condition, before: Observation, now: Observation): boolean {
  const { history } = now;
  if (history === undefined) return hasChanged(condition, before, now);
  const last = before.history?.at(-1)?.at;
  const news = history.filter(({ at }) => compareTimes(at, last) > 0);
  switch (condition) {
    case "up":
      return news.some(({ event }) => event === "start");
    case "ready":
      return news.some(({ event }) => event === "ready");
    case "down":
      return news.some(({ event }) => event === "exit");
    case "finished":
      return news.some(isFinished);
  }
}

/** Whether an event is the end of a finish script, or an end after which none was started. */
function isFinished({ event }: HistoryEvent, index: number, news: readonly HistoryEvent[]) {
  if (event === "finished") return true;
  const next = news[index + 1]?.event;
  return event === "exit" && next !== undefined && next !== "finish";
}

/** Another process: the first one has ended. Down since another time: there was one. */
function hasChanged(condition: Condition, before: Observation, now: Observation): boolean {
  if (before.want === undefined || now.want === undefined || condition === "ready") return false;
  if (condition !== "up") return before.pid !== undefined && before.pid !== now.pid;
  return before.pid === undefined && before.since !== undefined && now.since !== undefined &&
    compareTimes(before.since, now.since) !== 0;
}
