/** The suite's own version. */
export const VERSION = "0.1.0";

/**
 * Orders versions.
 *
 * @param a numbers, separated by dots
 * @param b as `a`; a missing number counts as 0
 * @returns less than 0 when `a` is the older one, 0 when they are the same
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split(".").map(Number), b.split(".").map(Number)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
