/** Waiting for what other processes do: always with a deadline, never a bare sleep. */

/** How long anything may take on a busy machine, in milliseconds. */
export const PATIENCE_MS = 60_000;

/** How long to wait, and what for. */
export interface WaitOptions {
  /** What is awaited, for the message: "waited 60 s for the service to be up". */
  what: string;
  /** When to give up, in milliseconds; late enough for a busy machine unless given. */
  timeoutMs?: number;
  /** How often to look, in milliseconds. */
  intervalMs?: number;
  /** Called when time is up: what to add to the message. */
  explain?: () => unknown | Promise<unknown>;
}

/** What a condition may give while it does not hold yet. */
export type NotYet = false | null | undefined;

/**
 * Waits until a condition holds. A condition that throws does not hold yet.
 *
 * @param condition looked at again and again; anything but `false`, `null` and `undefined` holds
 * @param options what is awaited, and for how long
 * @returns what the condition gave
 * @throws {Error} when time is up; its cause is what the condition threw last
 */
export async function waitFor<T>(
  condition: () => T | NotYet | Promise<T | NotYet>,
  options: WaitOptions,
): Promise<T> {
  const { what, timeoutMs = PATIENCE_MS, intervalMs = 15, explain } = options;
  const deadlineMs = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    // Looked at once more after the deadline: this process may have been the one that slept.
    const last = performance.now() >= deadlineMs;
    try {
      const value = await condition();
      if (value !== false && value !== null && value !== undefined) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (last) break;
    await pause(intervalMs);
  }
  const detail = explain ? `\n${await explain()}` : "";
  throw new Error(`waited ${timeoutMs / 1000} s for ${what}${detail}`, { cause });
}

/**
 * Lets time pass, for the tests whose subject is that something does not happen.
 *
 * @param timeMs how long, in milliseconds
 */
export async function pause(timeMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, timeMs));
}
