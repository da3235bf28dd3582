/**
 * What happens to services, found by comparing one look with the next. Where supervise keeps a
 * history, every event of it is told; elsewhere what can be seen: starts and ends.
 */

import type { Timestamp } from "../base/tai64n.ts";
import { compareTimes } from "./line_time.ts";
import type { HistoryEvent } from "../base/history_lines.ts";
import type { Observation } from "./observe.ts";

/** Something that happened to a service. */
export interface ServiceEvent extends HistoryEvent {
  /** The service's name. */
  readonly service: string;
}

/** Follows one service. */
export class EventTracker {
  #last: Observation;
  /** The last event of the history that was told. */
  #told: Timestamp | undefined;

  /** Whether somebody supervised it when it was looked at last. */
  get isSupervised(): boolean {
    return this.#last.want !== undefined;
  }

  /**
   * Begins with a look: what was before it is not told.
   *
   * @param told since when events of the history are told, if not since that look
   */
  constructor(first: Observation, told = first.history?.at(-1)?.at) {
    this.#last = first;
    this.#told = told;
  }

  /**
   * What happened since the last look.
   *
   * @param hasEnded whether a process is there no more: without a history and a supervisor nothing
   *   else tells
   */
  update(
    observation: Observation,
    now: Timestamp,
    hasEnded: (pid: number) => boolean,
  ): ServiceEvent[] {
    const last = this.#last;
    this.#last = observation;
    const service = observation.place.name;
    const event = (
      name: string,
      at: Timestamp,
      details: Readonly<Record<string, string>> = {},
    ): ServiceEvent => ({ service, event: name, at, details: new Map(Object.entries(details)) });
    const events: ServiceEvent[] = [];
    const [wasSupervised, isSupervised] = [last, observation].map(({ want }) => want !== undefined);
    if (!wasSupervised && isSupervised) events.push(event("supervised", now));
    const { history } = observation;
    if (history !== undefined) {
      const news = history.filter(({ at }) => compareTimes(at, this.#told) > 0);
      this.#told = history.at(-1)?.at ?? this.#told;
      events.push(...news.map((each) => ({ ...each, service })));
    } else if (isSupervised && last.pid !== observation.pid) {
      const at = observation.since ?? now;
      if (last.pid !== undefined) events.push(event("exit", at, { pid: String(last.pid) }));
      if (observation.pid !== undefined) {
        events.push(event("start", at, { pid: String(observation.pid) }));
      }
    }
    if (history === undefined && !isSupervised && last.pid !== undefined && hasEnded(last.pid)) {
      events.push(event("exit", now, { pid: String(last.pid) }));
    }
    if (wasSupervised && !isSupervised) events.push(event("released", now));
    if (wasSupervised && isSupervised && last.want !== observation.want) {
      events.push(event("wanted", now, { want: observation.want ?? "" }));
    }
    return events;
  }
}
