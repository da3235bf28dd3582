/**
 * Byte strings. Paths, arguments, environment and log lines are bytes on Unix; they become
 * text only on their way to a person.
 */

/** A byte string backed by ordinary memory, as the foreign function interface wants it. */
export type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Words, not texts. What converts texts takes far longer to get ready than a word is worth, and for
 * words it is no faster afterwards.
 */
const SHORT = 32;
/** Made when they are needed. */
let encoder: TextEncoder | undefined;
let decoder: TextDecoder | undefined;

/** The empty byte string. */
export const EMPTY: Bytes = new Uint8Array(0);

/** Encodes text as UTF-8. */
export function encode(text: string): Bytes {
  const { length } = text;
  if (length > SHORT) return encodeAny(text);
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return encodeAny(text);
    bytes[i] = code;
  }
  return bytes;
}

function encodeAny(text: string): Bytes {
  encoder ??= new TextEncoder();
  // Node's and the browser's types allow shared memory here; this encoder never uses it.
  return encoder.encode(text) as Bytes;
}

/** Decodes UTF-8 for display; bytes that are not UTF-8 become U+FFFD. */
export function decode(bytes: Uint8Array): string {
  const { length } = bytes;
  if (length > SHORT) return decodeAny(bytes);
  for (let i = 0; i < length; i++) if (bytes[i]! >= 0x80) return decodeAny(bytes);
  return String.fromCharCode(...bytes);
}

function decodeAny(bytes: Uint8Array): string {
  decoder ??= new TextDecoder();
  return decoder.decode(bytes);
}

/** Joins byte strings and UTF-8 text into one new byte string. */
export function concat(...parts: (string | Uint8Array)[]): Bytes {
  let length = 0;
  const pieces: Uint8Array[] = [];
  for (const part of parts) {
    const piece = typeof part === "string" ? encode(part) : part;
    pieces.push(piece);
    length += piece.length;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Says whether two byte strings hold the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Says whether `bytes` begins with `prefix`. */
export function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false;
  return true;
}

/** Orders byte strings as memcmp would, a shorter one before a longer one it begins. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Splits at every occurrence of one byte; n separators give n + 1 pieces (views, not copies). */
export function split(bytes: Bytes, separator: number): Bytes[] {
  const pieces: Bytes[] = [];
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(separator, start);
    if (end < 0) break;
    pieces.push(bytes.subarray(start, end));
    start = end + 1;
  }
  pieces.push(bytes.subarray(start));
  return pieces;
}

/** The part of a path after its last slash; empty when it ends in one. */
export function baseName(path: Bytes): Bytes {
  return path.subarray(path.lastIndexOf(0x2f) + 1);
}

const NUL_INSIDE = "a NUL byte inside a C string";

/**
 * Makes a C string.
 *
 * @returns the bytes with a NUL behind them
 * @throws {RangeError} when there is a NUL among them: C would silently stop there
 */
export function cString(text: string | Uint8Array): Bytes {
  let bytes: Bytes;
  if (typeof text === "string") bytes = encode(`${text}\0`);
  else {
    bytes = new Uint8Array(text.length + 1);
    bytes.set(text);
  }
  if (bytes.indexOf(0) < bytes.length - 1) throw new RangeError(NUL_INSIDE);
  return bytes;
}

/**
 * Checks what is to become a C string.
 *
 * @throws {RangeError} when there is a NUL among the bytes: C would silently stop there
 */
export function insistOnNoNul(bytes: Uint8Array): void {
  if (bytes.includes(0)) throw new RangeError(NUL_INSIDE);
}
