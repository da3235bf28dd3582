/** The letters that `svc` writes to `supervise/control`. @see https://cr.yp.to/daemontools/svc.html */

/** Every letter with a meaning. */
export const CONTROL_LETTERS = "udopchaitkx";

/** One of them. */
export type ControlLetter = "u" | "d" | "o" | "p" | "c" | "h" | "a" | "i" | "t" | "k" | "x";

/** The letter that a byte stands for; undefined for a byte to be ignored. */
export function controlLetter(byte: number): ControlLetter | undefined {
  const letter = String.fromCharCode(byte);
  return CONTROL_LETTERS.includes(letter) ? letter as ControlLetter : undefined;
}
