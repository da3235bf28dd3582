/** Structural equality and a printed form of values, for the stand-in of `@std/assert`. */

/**
 * Compares by structure: `NaN` equals `NaN`, `0` equals `-0`, and objects must have the same
 * constructor.
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
  // An object without a prototype is as good as a plain one.
  if ((a.constructor ?? Object) !== (b.constructor ?? Object)) return false;
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  if (a instanceof RegExp || a instanceof URL) return String(a) === String(b);
  if (a instanceof WeakMap || a instanceof WeakSet || a instanceof WeakRef) return false;
  if (isBytes(a)) return sameBytes(a, b as ArrayBufferView | ArrayBuffer);

  const against = pending.get(a) ?? new Set();
  if (against.has(b)) return true;
  pending.set(a, against.add(b));
  const same = sameContents(a, b, pending);
  against.delete(b);
  return same;
}

function sameContents(a: object, b: object, pending: Pending): boolean {
  if (a instanceof Set) return sameMembers([...a], [...(b as Set<unknown>)], pending);
  if (a instanceof Map) {
    return sameMembers([...a.entries()], [...(b as Map<unknown, unknown>).entries()], pending);
  }
  if (a instanceof Error) {
    const other = b as Error;
    if (a.name !== other.name || a.message !== other.message) return false;
  }
  return sameProperties(a, b, pending);
}

function isBytes(value: object): value is ArrayBufferView | ArrayBuffer {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

function bytesOf(value: ArrayBufferView | ArrayBuffer): Uint8Array {
  return value instanceof ArrayBuffer
    ? new Uint8Array(value)
    : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function sameBytes(a: ArrayBufferView | ArrayBuffer, b: ArrayBufferView | ArrayBuffer): boolean {
  const [left, right] = [bytesOf(a), bytesOf(b)];
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
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

function propertiesOf(object: object): PropertyKey[] {
  return Reflect.ownKeys(object).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(object, key)
  );
}

function sameProperties(a: object, b: object, pending: Pending): boolean {
  const keys = propertiesOf(a);
  return keys.length === propertiesOf(b).length &&
    keys.every((key) =>
      Object.hasOwn(b, key) && compare(Reflect.get(a, key), Reflect.get(b, key), pending)
    );
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
