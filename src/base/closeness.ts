/** Names that somebody may have meant. */

/** At most this many are told. */
const MOST = 3;

/**
 * The names that are close to a wrong one, closest first: few letters differ, or one is part of the
 * other. Capitals and hyphens before the word do not count.
 */
export function closeNames(wrong: string, names: readonly string[]): string[] {
  const word = wrong.toLowerCase().replace(/^-+/, "");
  if (word === "") return [];
  return names.map((name) => ({ name, distance: distanceOf(word, name.toLowerCase()) }))
    .filter(({ name, distance }) =>
      distance <= Math.max(1, Math.floor(name.length / 3)) || name.toLowerCase().includes(word)
    )
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST)
    .map(({ name }) => name);
}

/**
 * How many letters must be put in, taken out, changed or swapped with the next to get from one text
 * to the other.
 */
export function distanceOf(from: string, to: string): number {
  let twoAbove: number[] = [];
  let above = [...Array(to.length + 1).keys()];
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const changed = above[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      const isSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1];
      const swapped = isSwapped ? twoAbove[column - 2]! + 1 : Infinity;
      current.push(Math.min(changed, swapped, above[column]! + 1, current[column - 1]! + 1));
    }
    [twoAbove, above] = [above, current];
  }
  return above[to.length]!;
}
