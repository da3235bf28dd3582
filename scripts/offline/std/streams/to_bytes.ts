/**
 * Stand-in for `@std/streams/to-bytes` where JSR cannot be reached.
 *
 * @see jsr:@std/streams/to-bytes
 */

/** Reads a stream to its end. */
export async function toBytes(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const blob = new Blob(await Array.fromAsync(stream) as Uint8Array<ArrayBuffer>[]);
  return new Uint8Array(await blob.arrayBuffer());
}
