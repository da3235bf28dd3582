/**
 * What the programs say on standard error: `NAME: fatal: TEXT: REASON`, the same with `warning`,
 * and `NAME: usage: …`.
 */

import { type Bytes, concat } from "./bytes.ts";
import { errnoText } from "./errno.ts";
import { EXIT_FAILURE, EXIT_USAGE } from "./exit_codes.ts";
import { errnoOf } from "./system_error.ts";

/** A piece of a message: our words, or bytes that came from outside. */
export type MessagePart = string | Uint8Array;

/** How bad it is: `fatal` ends the program, `warning` does not. */
export type Severity = "fatal" | "warning";

/**
 * Builds one line for standard error.
 *
 * @param program the name the line begins with
 * @param severity `fatal` or `warning`
 * @param parts the text, joined without blanks
 * @param errno the reason's error number; without it the line has no `: REASON`
 */
export function messageLine(
  program: string,
  severity: Severity,
  parts: readonly MessagePart[],
  errno?: number,
): Bytes {
  const reason = errno === undefined ? "\n" : `: ${errnoText(errno)}\n`;
  return concat(`${program}: ${severity}: `, ...parts, reason);
}

/** One speaker: prints lines that begin with its name. */
export interface Reporter {
  /** Prints `NAME: warning: TEXT: REASON`; without `caught` there is no reason. */
  warning(parts: readonly MessagePart[], caught?: unknown): void;
  /** Prints `NAME: fatal: TEXT: REASON`, and goes on: what ended is less than the program. */
  fatal(parts: readonly MessagePart[], caught?: unknown): void;
}

/**
 * Makes a speaker.
 *
 * @param program the name that its lines begin with
 * @param write prints a line, which is complete with its newline
 */
export function createReporter(program: string, write: (line: Bytes) => void): Reporter {
  return new Speaker(program, write);
}

/** Each of thousands of services has one, which is to be small. */
class Speaker implements Reporter {
  readonly #program: string;
  readonly #write: (line: Bytes) => void;

  constructor(program: string, write: (line: Bytes) => void) {
    this.#program = program;
    this.#write = write;
  }

  warning(parts: readonly MessagePart[], caught?: unknown): void {
    this.#say("warning", parts, caught);
  }

  fatal(parts: readonly MessagePart[], caught?: unknown): void {
    this.#say("fatal", parts, caught);
  }

  #say(severity: Severity, parts: readonly MessagePart[], caught: unknown): void {
    const errno = caught === undefined ? undefined : errnoOf(caught);
    this.#write(messageLine(this.#program, severity, parts, errno));
  }
}

/**
 * The end of a program with a message. Thrown anywhere below a program's entry, it is printed
 * once, by whoever called the program.
 */
export class ProgramEnd extends Error {
  override readonly name = "ProgramEnd";

  /**
   * @param exitCode what the process exits with
   * @param text what goes to standard error, complete with newline; may be empty
   * @param errno the error number of the system call that failed, if that is the reason
   */
  constructor(readonly exitCode: number, readonly text: Bytes, readonly errno?: number) {
    super(`exit ${exitCode}`);
  }
}

/**
 * Ends a program for the reason in `caught`: `NAME: fatal: TEXT: REASON`, exit code 111.
 *
 * @throws {ProgramEnd} always; but what is no system error is thrown as it is
 */
export function fatal(program: string, parts: readonly MessagePart[], caught?: unknown): never {
  const errno = caught === undefined ? undefined : errnoOf(caught);
  throw new ProgramEnd(EXIT_FAILURE, messageLine(program, "fatal", parts, errno), errno);
}

/**
 * Ends a program that was called wrongly: its usage line, exit code 100 unless another is due.
 *
 * @throws {ProgramEnd} always
 */
export function usage(line: string, exitCode: number = EXIT_USAGE): never {
  throw new ProgramEnd(exitCode, concat(line, "\n"));
}
