/**
 * What the small files in a service directory say. Each is read when it is needed, so that a
 * change counts at once. Times are in milliseconds, as in s6. What makes no sense is told and
 * counts as missing.
 */

import { decode } from "../base/bytes.ts";
import type { Reporter } from "../base/messages.ts";
import { SIGNAL, signalNumber } from "../base/signals.ts";
import { unlessMissing } from "../base/system_error.ts";
import type { SupervisionKernel } from "./host.ts";
import type { ServiceDirectory } from "./service_directory.ts";
import type { RestartLimit } from "./start_schedule.ts";

/** A file longer than this is none of ours. */
const LONGEST_FILE = 256;
/** As in s6. */
const DEFAULT_TIMEOUT_FINISH_MS = 5000;
const LARGEST_FD = 65536;
const LONGEST_TIME_MS = 2 ** 31 - 1;

/** A number in decimal digits; else NaN, which compares as false with everything. */
function parseNumber(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : NaN;
}

/** The settings of one service. */
export class Settings {
  readonly #kernel: SupervisionKernel;
  readonly #directory: ServiceDirectory;
  readonly #reporter: Reporter;
  /** What was told about each file, so that it is told once. */
  #told: Map<string, string> | undefined;

  constructor(kernel: SupervisionKernel, directory: ServiceDirectory, reporter: Reporter) {
    this.#kernel = kernel;
    this.#directory = directory;
    this.#reporter = reporter;
  }

  /**
   * `timeout-kill`: how long a service that was told to end may take, in milliseconds; Infinity
   * where the file says 0.
   */
  get timeoutKillMs(): number | undefined {
    return this.#timeout("timeout-kill");
  }

  /** `timeout-finish`: how long `./finish` may take, in milliseconds; 0 means Infinity. */
  get timeoutFinishMs(): number {
    return this.#timeout("timeout-finish") ?? DEFAULT_TIMEOUT_FINISH_MS;
  }

  /** `down-signal`: the number of the signal that asks the service to end; else SIGTERM's. */
  get downSignal(): number {
    return this.#parse("down-signal", "a signal", signalNumber) ?? SIGNAL.TERM;
  }

  /** `backoff`: the longest pause between the starts of a service that keeps dying. */
  get longestPauseMs(): number | undefined {
    return this.#time("backoff");
  }

  /** `max-restarts`: how often a service that dies is started again, and in what time. */
  get restartLimit(): RestartLimit | undefined {
    return this.#parse("max-restarts", "a number and a number of milliseconds", (text) => {
      const [count = NaN, periodMs = NaN, ...excess] = text.split(/\s+/).map(parseNumber);
      const isGood = count >= 0 && periodMs > 0 && excess.length === 0;
      return isGood ? { count, periodMs } : undefined;
    });
  }

  /** `permanent-exit`: the exit codes of `./run` after which it is not started again. */
  get permanentExits(): readonly number[] {
    return this.#parse("permanent-exit", "exit codes", (text) => {
      const codes = text.split(/\s+/).map(parseNumber);
      return codes.every((code) => code <= 255) ? codes : undefined;
    }) ?? [];
  }

  /** `essential`: whether everything is to end with the service. */
  get isEssential(): boolean {
    return this.#parse("essential", "", () => true) ?? false;
  }

  /** `notification-fd`: the descriptor over which the service says that it is ready. */
  get notificationFd(): number | undefined {
    return this.#parse("notification-fd", "the number of a descriptor above 2", (text) => {
      const fd = parseNumber(text);
      return fd > 2 && fd < LARGEST_FD ? fd : undefined;
    });
  }

  /** `notify-socket`: whether the service reports over a socket, as programs of systemd do. */
  get wantsNotifySocket(): boolean {
    return this.#parse("notify-socket", "", () => true) ?? false;
  }

  /** `watchdog`: how often it must say there that it is alive, in milliseconds. */
  get watchdogMs(): number | undefined {
    return this.#time("watchdog") || undefined;
  }

  #timeout(file: string): number | undefined {
    const timeMs = this.#time(file);
    return timeMs === 0 ? Infinity : timeMs;
  }

  #time(file: string): number | undefined {
    return this.#parse(file, "a number of milliseconds", (text) => {
      const timeMs = parseNumber(text);
      return timeMs <= LONGEST_TIME_MS ? timeMs : undefined;
    });
  }

  /**
   * Reads a file.
   *
   * @param meaning what must be in it, for the message
   * @param parse what its text means; undefined for nothing
   */
  #parse<T>(file: string, meaning: string, parse: (text: string) => T | undefined): T | undefined {
    try {
      const text = this.#read(file);
      const value = text === undefined ? undefined : parse(text);
      if (text === undefined || value !== undefined) this.#told?.delete(file);
      else this.#tellOnce(file, ` does not hold ${meaning}: it is ignored`);
      return value;
    } catch (error) {
      this.#tellOnce(file, " cannot be read: it is ignored", error);
      return undefined;
    }
  }

  #tellOnce(file: string, what: string, caught?: unknown): void {
    if (this.#told?.get(file) === what) return;
    (this.#told ??= new Map()).set(file, what);
    this.#reporter.warning([this.#directory.name, `/${file}`, what], caught);
  }

  /** The text of a file without blanks around it; undefined when there is none. */
  #read(file: string): string | undefined {
    const fd = unlessMissing(() => this.#kernel.openRead(this.#directory.fd, file));
    if (fd === undefined) return undefined;
    try {
      const buffer = new Uint8Array(LONGEST_FILE);
      const length = Math.max(0, this.#kernel.read(fd, buffer));
      return decode(buffer.subarray(0, length)).trim();
    } finally {
      this.#kernel.close(fd);
    }
  }
}
