/**
 * What svscan and a log host say to each other, a message each way at a time. Numbers are little
 * endian; strings end in NUL, which no argument of a program can hold.
 *
 *     svscan to host  o ID(4) FLAGS(1) WORD...        open a stream; with it come two descriptors:
 *                                                     the input and the log's directory; it begins
 *                     b ID(4)                         when it is told to; until then its input is held
 *                     s ID(4) NUMBER(1)               a signal for a stream
 *                     h                               hold a pipe; with it comes its descriptor
 *                     r                               let go of all pipes that are held
 *     host to svscan  e ID(4) STATUS(4)               a stream has ended, with this wait status
 *                     f ID(4)                         a stream could not be opened: the host is full,
 *                                                     it has all the descriptors that it may have
 *                     n                               all that was sent is read: there is room
 *                     l                               the host is leaving: it takes no more streams
 */

import { type Bytes, concat, encode, split } from "./bytes.ts";

/** The input, and the log's directory, which come with a stream. */
export const STREAM_FDS = 2;
/** As large as a message may be, in bytes; a longer script is not hosted. */
export const LONGEST_MESSAGE = 65536;

const JOINS_ERROR_TO_OUTPUT = 1;

/** What a host is told. */
export type HostCommand =
  | {
    readonly kind: "open";
    /** Which stream, for both sides. */
    readonly id: number;
    /** The words of multilog's script. */
    readonly args: readonly Bytes[];
    /** Whether the stream's messages go to standard output (`exec 2>&1`). */
    readonly joinsErrorToOutput: boolean;
  }
  | { readonly kind: "begin"; readonly id: number }
  | { readonly kind: "signal"; readonly id: number; readonly signal: number }
  | { readonly kind: "hold" }
  | { readonly kind: "release" };

/** What a host tells. */
export type HostReport =
  | { readonly kind: "ended"; readonly id: number; readonly status: number }
  | { readonly kind: "full"; readonly id: number }
  | { readonly kind: "next" }
  | { readonly kind: "leaving" };

/**
 * Makes a message for a host.
 *
 * @returns at most {@linkcode LONGEST_MESSAGE} bytes, unless the script is longer
 */
export function encodeCommand(command: HostCommand): Bytes {
  if (command.kind === "hold") return encode("h");
  if (command.kind === "release") return encode("r");
  const id = uint32(command.id);
  if (command.kind === "begin") return concat("b", id);
  if (command.kind === "signal") return concat("s", id, Uint8Array.of(command.signal));
  const flags = Uint8Array.of(command.joinsErrorToOutput ? JOINS_ERROR_TO_OUTPUT : 0);
  return concat("o", id, flags, ...command.args.flatMap((word) => [word, "\0"]));
}

/** Reads a message for a host; undefined when it is none. */
export function decodeCommand(bytes: Bytes): HostCommand | undefined {
  const isOf = (letter: string): boolean => bytes[0] === encode(letter)[0];
  if (bytes.length === 1) {
    return isOf("h") ? { kind: "hold" } : isOf("r") ? { kind: "release" } : undefined;
  }
  if (isOf("b")) {
    return bytes.length === 5 ? { kind: "begin", id: readUint32(bytes, 1) } : undefined;
  }
  if (bytes.length < 6) return undefined;
  const id = readUint32(bytes, 1);
  if (isOf("s")) {
    return bytes.length === 6 ? { kind: "signal", id, signal: bytes[5]! } : undefined;
  }
  const words = split(bytes.slice(6), 0);
  // Each word has its NUL, so what is behind the last one is empty.
  if (!isOf("o") || words.pop()!.length > 0) return undefined;
  const joinsErrorToOutput = (bytes[5]! & JOINS_ERROR_TO_OUTPUT) !== 0;
  return { kind: "open", id, args: words, joinsErrorToOutput };
}

/** Makes a message for svscan. */
export function encodeReport(report: HostReport): Bytes {
  if (report.kind === "next") return encode("n");
  if (report.kind === "leaving") return encode("l");
  if (report.kind === "full") return concat("f", uint32(report.id));
  return concat("e", uint32(report.id), uint32(report.status));
}

/** Reads a message for svscan; undefined when it is none. */
export function decodeReport(bytes: Bytes): HostReport | undefined {
  const letter = String.fromCharCode(bytes[0] ?? 0);
  if (letter === "n" && bytes.length === 1) return { kind: "next" };
  if (letter === "l" && bytes.length === 1) return { kind: "leaving" };
  if (letter === "f" && bytes.length === 5) return { kind: "full", id: readUint32(bytes, 1) };
  if (letter !== "e" || bytes.length !== 9) return undefined;
  return { kind: "ended", id: readUint32(bytes, 1), status: readUint32(bytes, 5) };
}

function uint32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function readUint32(bytes: Bytes, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}
