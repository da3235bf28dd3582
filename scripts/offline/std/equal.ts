/** Structural equality and a printed form of values, for the stand-in of `@std/assert`. */

/**
 * Compares by structure: `NaN` equals `NaN`, `0` equals `-0`, and objects must have the same
 * prototype. Of an object that is neither plain nor an array all properties count, those that it
 * inherits and those that are not listed too: two errors differ, unless they were made in one place.
 *
 * @param a any value
 * @param b any value
 * @returns whether they are equal
 */
export function equal(a: unknown, b: unknown): boolean {
  return compare(a, b, new Map());
}

/** Pairs under comparison: one that is met again inside itself is equal as far as one can tell. */
type Pending = Map<object, Set<object>>;

function compare(a: unknown, b: unknown, pending: Pending): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (prototypeOf(a) !== prototypeOf(b)) return false;
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  if (a instanceof RegExp || a instanceof URL) return String(a) === String(b);
  if (isBytes(a)) return sameElements(a, b as Bytes);

  const against = pending.get(a) ?? new Set();
  if (against.has(b)) return true;
  pending.set(a, against.add(b));
  const same = sameContents(a, b, pending);
  against.delete(b);
  return same;
}

/** An object without a prototype is as good as a plain one. */
function prototypeOf(object: object): unknown {
  return Object.getPrototypeOf(object) ?? Object.prototype;
}

function sameContents(a: object, b: object, pending: Pending): boolean {
  if (a instanceof Set) return sameMembers([...a], [...(b as Set<unknown>)], pending);
  if (a instanceof Map) {
    return sameMembers([...a.entries()], [...(b as Map<unknown, unknown>).entries()], pending);
  }
  const keys = propertiesOf(a);
  const isIn = (object: object, key: PropertyKey): boolean =>
    isPlain(object) ? Object.hasOwn(object, key) : key in object;
  return keys.length === propertiesOf(b).length &&
    keys.every((key) => isIn(b, key) && compare(Reflect.get(a, key), Reflect.get(b, key), pending));
}

type Bytes = Exclude<ArrayBufferView, DataView> | ArrayBuffer;

function isBytes(value: object): value is Bytes {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) || value instanceof ArrayBuffer;
}

function sameElements(a: Bytes, b: Bytes): boolean {
  const [left, right] = [a, b].map((bytes): ArrayLike<number | bigint> =>
    bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes as Uint8Array
  ) as [ArrayLike<number | bigint>, ArrayLike<number | bigint>];
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) {
    if (left[index] !== right[index] && !Object.is(left[index], right[index])) return false;
  }
  return true;
}

/** Members in any order: each of `a` is matched with a member of `b` not yet matched. */
function sameMembers(a: unknown[], b: unknown[], pending: Pending): boolean {
  if (a.length !== b.length) return false;
  const left = [...b];
  return a.every((member) => {
    const found = left.findIndex((candidate) => compare(member, candidate, pending));
    if (found >= 0) left.splice(found, 1);
    return found >= 0;
  });
}

function isPlain(object: object): boolean {
  const prototype = prototypeOf(object);
  return prototype === Object.prototype || prototype === Array.prototype;
}

function propertiesOf(object: object): PropertyKey[] {
  if (isPlain(object)) {
    return Reflect.ownKeys(object).filter((key) =>
      Object.prototype.propertyIsEnumerable.call(object, key)
    );
  }
  const keys = new Set<PropertyKey>();
  for (let at = object; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const key of Reflect.ownKeys(at)) keys.add(key);
  }
  return [...keys];
}

/**
 * Prints a value over as many lines as it needs, so that two of them can be compared by line.
 *
 * @param value any value
 * @returns its printed form, without colours
 */
export function format(value: unknown): string {
  return Deno.inspect(value, {
    breakLength: 80,
    colors: false,
    compact: typeof value !== "object",
    depth: Infinity,
    escapeSequences: true,
    iterableLimit: 1000,
    sorted: true,
    strAbbreviateSize: Infinity,
    trailingComma: true,
  });
}

/**
 * What changed between two printed values, in the form of `diff`: `-` was found, `+` was expected.
 *
 * @param actual the lines that were found
 * @param expected the lines that were expected
 * @returns all lines, each with its mark
 */
export function diff(actual: string[], expected: string[]): string[] {
  // Length of the longest common part of what follows each pair of positions.
  const common = Array.from(
    { length: actual.length + 1 },
    () => new Uint32Array(expected.length + 1),
  );
  const length = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = actual.length - 1; i >= 0; i--) {
    const row = common[i] as Uint32Array;
    for (let j = expected.length - 1; j >= 0; j--) {
      row[j] = actual[i] === expected[j]
        ? length(i + 1, j + 1) + 1
        : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < actual.length || j < expected.length) {
    if (i < actual.length && j < expected.length && actual[i] === expected[j]) {
      lines.push(`    ${actual[i++]}`);
      j++;
    } else if (
      j >= expected.length || (i < actual.length && length(i + 1, j) >= length(i, j + 1))
    ) {
      lines.push(`-   ${actual[i++]}`);
    } else {
      lines.push(`+   ${expected[j++]}`);
    }
  }
  return lines;
}
