/**
 * Stand-in for `@std/assert` where JSR cannot be reached: the same names and signatures, for the
 * few functions that the tests import.
 *
 * @see jsr:@std/assert
 */

import { diff, equal, format } from "./equal.ts";

/** What a failed assertion throws. */
export class AssertionError extends Error {
  /**
   * @param message what was expected
   * @param options its cause
   */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** A constructor of errors, as `assertThrows` takes it. */
// deno-lint-ignore no-explicit-any -- constructors of every signature are meant
export type ErrorClass<E extends Error = Error> = new (...args: any[]) => E;

function refuse(what: string, message: string | undefined): never {
  throw new AssertionError(message ? `${what}: ${message}` : what);
}

/** Fails unless `condition` holds. */
export function assert(condition: unknown, message = ""): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Fails unless both are equal by structure. The message lists what differs. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  if (equal(actual, expected)) return;
  const lines = typeof actual === "string" && typeof expected === "string"
    ? diff(splitKeepingEnds(actual), splitKeepingEnds(expected))
    : diff(format(actual).split("\n"), format(expected).split("\n"));
  const text = `\n\n    [Diff] - actual / + expected\n\n${lines.join("\n")}\n`;
  throw new AssertionError(`Values are not equal${message ? `: ${message}` : "."}${text}`);
}

/** Lines as printed strings, so that an invisible difference is seen. */
function splitKeepingEnds(text: string): string[] {
  return text.split(/(?<=\n)/).map((line) => format(line));
}

/** Fails unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  if (!actual.includes(expected)) {
    refuse(`Expected actual: ${format(actual)} to contain: ${format(expected)}`, message);
  }
}

/** Fails unless `actual` matches `expected`. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  if (!expected.test(actual)) {
    refuse(`Expected actual: ${format(actual)} to match: ${expected}`, message);
  }
}

function checkThrown<E extends Error>(
  thrown: unknown,
  errorClass: ErrorClass<E> | undefined,
  includes: string | undefined,
  message: string | undefined,
): E {
  if (!(thrown instanceof Error)) {
    refuse(`A non-Error object was thrown: ${format(thrown)}`, message);
  }
  if (errorClass && !(thrown instanceof errorClass)) {
    refuse(
      `Expected error to be instance of "${errorClass.name}", but was ` +
        `"${thrown.constructor.name}" (${thrown.message})`,
      message,
    );
  }
  if (includes !== undefined && !thrown.message.includes(includes)) {
    refuse(
      `Expected error message to include ${format(includes)}, but got ${format(thrown.message)}`,
      message,
    );
  }
  return thrown as E;
}

/** Fails unless `body` throws; returns what it threw. */
export function assertThrows(body: () => unknown, message?: string): unknown;
/** Fails unless `body` throws that class of error, with `includes` in its message. */
export function assertThrows<E extends Error = Error>(
  body: () => unknown,
  errorClass: ErrorClass<E>,
  includes?: string,
  message?: string,
): E;
export function assertThrows<E extends Error = Error>(
  body: () => unknown,
  errorClass?: ErrorClass<E> | string,
  includes?: string,
  message?: string,
): unknown {
  const note = typeof errorClass === "string" ? errorClass : message;
  try {
    body();
  } catch (thrown) {
    if (typeof errorClass !== "function") return thrown;
    return checkThrown(thrown, errorClass, includes, note);
  }
  refuse("Expected function to throw", note);
}

/** Fails unless the promise of `body` is rejected; returns with what. */
export function assertRejects(body: () => PromiseLike<unknown>, message?: string): Promise<unknown>;
/** Fails unless the promise is rejected with that class of error, with `includes` in its message. */
export function assertRejects<E extends Error = Error>(
  body: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  includes?: string,
  message?: string,
): Promise<E>;
export async function assertRejects<E extends Error = Error>(
  body: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E> | string,
  includes?: string,
  message?: string,
): Promise<unknown> {
  const note = typeof errorClass === "string" ? errorClass : message;
  let promise: PromiseLike<unknown>;
  try {
    promise = Promise.resolve(body());
  } catch {
    refuse("Function throws when expected to reject", note);
  }
  try {
    await promise;
  } catch (thrown) {
    if (typeof errorClass !== "function") return thrown;
    return checkThrown(thrown, errorClass, includes, note);
  }
  refuse("Expected function to reject", note);
}
