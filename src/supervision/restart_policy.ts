/** Whether a service that has died, or could not be started, is started again. */

import type { Bytes } from "../base/bytes.ts";
import type { Reporter } from "../base/messages.ts";
import { decodeWaitStatus } from "../base/wait_status.ts";
import type { Settings } from "./settings.ts";
import type { StartSchedule } from "./start_schedule.ts";

/** Why a service that is wanted up stays down: its exit code says so, or it has died too often. */
export type ReasonToStayDown = "permanent-exit" | "max-restarts";

/** Gives one service up where its directory says so. */
export class RestartPolicy {
  readonly #name: Bytes;
  readonly #settings: Settings;
  readonly #schedule: StartSchedule;
  readonly #reporter: Reporter;

  /**
   * @param name how messages name the service
   */
  constructor(name: Bytes, settings: Settings, schedule: StartSchedule, reporter: Reporter) {
    this.#name = name;
    this.#settings = settings;
    this.#schedule = schedule;
    this.#reporter = reporter;
  }

  /**
   * Why the service stays down. Says so in a message; else takes note of the restart.
   *
   * @param waitStatus how it ended, as from waitpid(2); undefined if unknown
   * @param wasAskedFor whether somebody asked it to end
   * @param nowMs the monotonic clock, in milliseconds
   * @returns undefined when it is started again
   */
  reasonToStayDown(
    waitStatus: number | undefined,
    wasAskedFor: boolean,
    nowMs: number,
  ): ReasonToStayDown | undefined {
    const ending = waitStatus === undefined ? undefined : decodeWaitStatus(waitStatus);
    if (ending?.code !== undefined && this.#settings.permanentExits.includes(ending.code)) {
      const what = `/run exited ${ending.code}, which permanent-exit lists: it stays down`;
      this.#reporter.warning([this.#name, what]);
      return "permanent-exit";
    }
    const limit = wasAskedFor ? undefined : this.#settings.restartLimit;
    if (limit === undefined || this.#schedule.mayRestart(nowMs, limit)) return undefined;
    const what = `/run was restarted ${limit.count} times in ${limit.periodMs} ms: it stays down`;
    this.#reporter.warning([this.#name, what]);
    return "max-restarts";
  }
}
