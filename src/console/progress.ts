/** Shows on a terminal what is waited for, when that takes a while. */

import { Spinner } from "@std/cli/unstable-spinner";
import type { Reactor, Timer } from "../reactor/reactor.ts";
import { sizeOfTerminal, withoutControls } from "./screen.ts";
import { shorten } from "./table.ts";

/** What takes no longer needs no word. */
const QUIET_MS = 500;
/** So many names are told. */
const MOST_NAMES = 3;
/** What turns, and a blank. */
const SIGN_WIDTH = 2;

/** A line that turns on standard error, if that is a terminal. */
export class Progress {
  readonly #reactor: Pick<Reactor, "after" | "cancel">;
  readonly #spinner: Spinner | undefined;
  #timer: Timer | undefined;
  #isShown = false;

  constructor(reactor: Pick<Reactor, "after" | "cancel">) {
    this.#reactor = reactor;
    // A terminal that cannot clear a line would fill.
    const isCapable = Deno.stderr.isTerminal() && Deno.env.get("TERM") !== "dumb";
    this.#spinner = isCapable ? new Spinner({ output: Deno.stderr }) : undefined;
  }

  /** Says for whom it is waited, in a moment if not at once. */
  waitingFor(names: readonly string[]): void {
    if (this.#spinner === undefined) return;
    const [others, known] = [names.slice(MOST_NAMES), names.slice(0, MOST_NAMES)];
    const more = others.length > 0 ? ` and ${others.length} more` : "";
    const text = withoutControls(`waiting for ${known.join(", ")}${more}`);
    // A line that wraps would be cleared in part only.
    this.#spinner.message = shorten(text, sizeOfTerminal().columns - SIGN_WIDTH - 1);
    if (this.#isShown) this.#spinner.start();
    else {
      this.#timer ??= this.#reactor.after(QUIET_MS, () => {
        this.#isShown = true;
        this.#spinner?.start();
      });
    }
  }

  /** Clears the line, so that something else can be printed. */
  clear(): void {
    this.#spinner?.stop();
  }

  /** Clears the line for good. */
  end(): void {
    if (this.#timer !== undefined) this.#reactor.cancel(this.#timer);
    this.clear();
  }
}
