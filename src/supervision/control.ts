/** The letters that `svc` writes to `supervise/control`. @see https://cr.yp.to/daemontools/svc.html */

/** Every letter of daemontools. */
export const CONTROL_LETTERS = "udopchaitkx";

/**
 * Letters of daemontools-encore and runit: QUIT, USR1, USR2, WINCH; `+` has the signals that follow
 * reach the whole process group, `=` the process alone again.
 */
export const MORE_CONTROL_LETTERS = "q12w+=";

/** One of all these. */
export type ControlLetter =
  | ("u" | "d" | "o" | "p" | "c" | "h" | "a" | "i" | "t" | "k" | "x")
  | ("q" | "1" | "2" | "w" | "+" | "=");

/** The letter that a byte stands for; undefined for a byte to be ignored. */
export function controlLetter(byte: number): ControlLetter | undefined {
  const letter = String.fromCharCode(byte);
  return (CONTROL_LETTERS + MORE_CONTROL_LETTERS).includes(letter)
    ? letter as ControlLetter
    : undefined;
}
