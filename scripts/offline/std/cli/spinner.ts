/**
 * Stand-in for `@std/cli/unstable-spinner` where JSR cannot be reached: with other figures, and
 * without colours.
 *
 * @see jsr:@std/cli/unstable-spinner
 */

const FIGURES = ["|", "/", "-", "\\"];
const INTERVAL_MS = 75;
const CLEAR_LINE = "\r\x1b[K";

/** What is shown, and where. */
export interface SpinnerOptions {
  /** The words beside the figure; none unless given. */
  message?: string;
  /** Standard output unless given. */
  output?: typeof Deno.stdout | typeof Deno.stderr;
}

/** A figure that turns on a line of a terminal while something is waited for. */
export class Spinner {
  /** The words beside the figure; a change shows with its next turn. */
  message: string;
  readonly #output: typeof Deno.stdout | typeof Deno.stderr;
  #timer: ReturnType<typeof setInterval> | undefined;
  #turns = 0;

  /** @param options what is shown, and where */
  constructor(options: SpinnerOptions = {}) {
    this.message = options.message ?? "";
    this.#output = options.output ?? Deno.stdout;
  }

  /** Begins to turn, unless it does. */
  start(): void {
    if (this.#timer !== undefined) return;
    const turn = (): void => {
      this.#write(`${CLEAR_LINE}${FIGURES[this.#turns++ % FIGURES.length]} ${this.message}`);
    };
    this.#timer = setInterval(turn, INTERVAL_MS);
    turn();
  }

  /** Ends, and clears the line. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#write(CLEAR_LINE);
  }

  #write(text: string): void {
    this.#output.writeSync(new TextEncoder().encode(text));
  }
}
