/**
 * Stand-in for `@std/streams` where JSR cannot be reached: the same names and signatures, for the
 * few that the project imports.
 *
 * @see jsr:@std/streams
 */

/** Reads a stream to its end, as UTF-8 text. */
export async function toText(
  stream: ReadableStream<string> | ReadableStream<Uint8Array>,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream as ReadableStream<string | Uint8Array>) {
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Reads a stream of bytes to its end. */
export async function toArrayBuffer(stream: ReadableStream<Uint8Array>): Promise<ArrayBuffer> {
  return await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer();
}

/** Reads a stream of bytes to its end. */
export async function toBytes(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await toArrayBuffer(stream));
}

/** How lines end. */
export interface TextLineStreamOptions {
  /** A carriage return alone ends a line too. Off unless given. */
  allowCR?: boolean;
}

/** Splits text into lines, without their ends (`\n` or `\r\n`). */
export class TextLineStream extends TransformStream<string, string> {
  /** @param options how lines end */
  constructor(options: TextLineStreamOptions = {}) {
    let rest = "";
    super({
      transform(chunk, controller) {
        const text = rest + chunk;
        // A \r at the end of the chunk may be the first half of \r\n.
        const lines = text.split(options.allowCR ? /\r\n|\n|\r(?!$)/ : /\r?\n/);
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line);
      },
      flush(controller) {
        if (rest === "") return;
        controller.enqueue(options.allowCR && rest.endsWith("\r") ? rest.slice(0, -1) : rest);
      },
    });
  }
}
