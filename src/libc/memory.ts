/** Memory that C reads: addresses of our buffers, arrays of C strings. */

import { type Bytes, insistOnNoNul } from "../base/bytes.ts";

/** The address of a buffer's first byte; the buffer must be kept alive while C uses it. */
export function addressOf(buffer: Bytes): bigint {
  return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer)));
}

/**
 * A NULL-terminated array of C strings, as `argv` and `environ` are. It holds its strings, so
 * keeping the array alive is enough.
 */
export class CStringArray {
  /** The array itself: 8 bytes an entry, ending in a NULL pointer. */
  readonly pointers: Bytes;
  readonly #strings: Bytes;

  /**
   * @param strings the strings, without their NULs
   * @throws {RangeError} when one of them holds a NUL
   */
  constructor(strings: readonly Uint8Array[]) {
    let size = 1;
    for (const { length } of strings) size += length + 1;
    this.#strings = new Uint8Array(size);
    const pointers = new BigUint64Array(strings.length + 1);
    this.pointers = new Uint8Array(pointers.buffer);
    const start = addressOf(this.#strings);
    let at = 0;
    for (let i = 0; i < strings.length; i++) {
      const string = strings[i]!;
      insistOnNoNul(string);
      this.#strings.set(string, at);
      pointers[i] = start + BigInt(at);
      at += string.length + 1;
    }
  }
}

/**
 * Memory that is not ours to allocate, such as the arguments that the kernel put there.
 *
 * @param address of its first byte
 * @returns a view of the memory itself
 * @throws {RangeError} when the address is 0
 */
export function memoryAt(address: bigint, sizeBytes: number): Bytes {
  const pointer = Deno.UnsafePointer.create(address);
  if (pointer === null) throw new RangeError("no memory at address 0");
  return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(pointer, sizeBytes));
}
