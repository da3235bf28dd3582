/** Log lines as they are shown: the time as people read it, the service's name in a colour. */

import { type Bytes, concat, decode } from "../base/bytes.ts";
import type { Timestamp } from "../base/tai64n.ts";
import type { LogLine } from "../observation/log_reader.ts";
import type { LocalClock } from "../system/kernel.ts";
import { type Screen, withoutControls } from "./screen.ts";

/** How times are shown: here, in UTC, or as they stand in the log. */
export type TimeForm = "local" | "utc" | "raw";

const two = (value: number): string => String(value).padStart(2, "0");

/** `2026-01-31 23:59:59`, at this place. */
export function localTimeText(clock: LocalClock, { seconds }: Timestamp): string {
  const at = clock.localTime(BigInt(seconds));
  if (at === null) return `@${seconds}`;
  const { year, month, day, hour, minute, second } = at;
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
}

/** The same in UTC: `2026-01-31 23:59:59Z`. */
export function utcTimeText({ seconds }: Timestamp): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ")}Z`;
}

/** Says times in one form, with milliseconds. */
export function timeTeller(clock: LocalClock, form: TimeForm): (at: Timestamp) => string {
  return (at) => {
    const milliseconds = String(Math.floor(at.nanoseconds / 1e6)).padStart(3, "0");
    if (form === "utc") return utcTimeText(at).replace("Z", `.${milliseconds}Z`);
    return `${localTimeText(clock, at)}.${milliseconds}`;
  };
}

/** A stable colour for a name: the same each time, whatever else there is. */
export function hueOf(name: string): number {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)!) >>> 0;
  return hash;
}

/** Shows lines of logs. */
export class LogText {
  readonly #screen: Screen;
  readonly #form: TimeForm;
  readonly #tell: (at: Timestamp) => string;

  /** @param form how times are shown */
  constructor(clock: LocalClock, screen: Screen, form: TimeForm) {
    this.#screen = screen;
    this.#form = form;
    this.#tell = timeTeller(clock, form);
  }

  /**
   * A line as it is printed, with its newline.
   *
   * @param prefix the service's name, and how much room names get; none unless several are shown
   */
  show(line: LogLine, prefix?: { readonly name: string; readonly width: number }): Bytes {
    const name = prefix === undefined
      ? ""
      : `${this.#screen.paint(hueOf(prefix.name), prefix.name.padEnd(prefix.width))} `;
    if (this.#form === "raw") return concat(name, this.#clean(line.raw), "\n");
    const at = line.at === undefined ? "" : `${this.#screen.paint("faint", this.#tell(line.at))} `;
    return concat(at, name, this.#clean(line.text), "\n");
  }

  /** On a terminal nobody's text may move the cursor; elsewhere bytes stay what they are. */
  #clean(text: Bytes): Bytes | string {
    return this.#screen.columns === undefined ? text : withoutControls(decode(text));
  }
}
