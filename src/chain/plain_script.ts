/**
 * Run scripts that are so plain that what a shell makes of them is known without one: comments,
 * blank lines, `exec 2>&1`, and one `exec` of literal words.
 *
 * Whatever is not understood makes a script not plain. So a mistake here can only be to take too
 * few scripts for plain ones.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html (2.2, 2.3)
 */

import { type Bytes } from "../base/bytes.ts";

/** What a plain script does. */
export interface PlainScript {
  /** The program that it becomes, and its arguments. */
  readonly argv: readonly Bytes[];
  /** Whether standard error goes where standard output goes (`exec 2>&1`). */
  readonly joinsErrorToOutput: boolean;
}

const SHELLS = /^#![ \t]*\/(?:usr\/)?bin\/(?:sh|bash|dash)[ \t]*\n/;
const BLANK = /(?:[ \t\n]|\\\n|#[^\n]*)*/y;
const JOIN = /exec[ \t]+2>&1[ \t]*(?:#[^\n]*)?(?:\n|$)/y;
const EXEC = /exec(?=[ \t\\])/y;
const SPACE = /(?:[ \t]|\\\n)+/y;
/** A byte of a word that no shell looks at; any byte of another alphabet is one. */
const BARE = /[A-Za-z0-9_\-+=.,:/@%\x80-\xff]+/y;
const SINGLE = /'([^'\0]*)'/y;
const DOUBLE = /"([^"$`\\\0]*)"/y;
const CONTINUED = /\\\n/y;
const LINE_END = /(?:[ \t]|\\\n)*(?:[ \t]#[^\n]*)?(?:\n|$)/y;

/**
 * Reads a run script.
 *
 * @param script the whole file
 * @returns undefined when it is not plain
 */
export function parsePlainScript(script: Bytes): PlainScript | undefined {
  const reader = new Reader(toText(script));
  const shell = SHELLS.exec(reader.text);
  if (shell === null) return undefined;
  reader.at = shell[0].length;
  reader.take(BLANK);
  let joinsErrorToOutput = false;
  while (reader.take(JOIN) !== undefined) {
    joinsErrorToOutput = true;
    reader.take(BLANK);
  }
  if (reader.take(EXEC) === undefined) return undefined;
  const words: string[] = [];
  while (reader.take(LINE_END) === undefined) {
    if (reader.take(SPACE) === undefined) return undefined;
    if (reader.take(LINE_END) !== undefined) break;
    const word = reader.takeWord();
    if (word === undefined) return undefined;
    words.push(word);
  }
  reader.take(BLANK);
  const isWhole = reader.at === reader.text.length;
  // A first word with a dash is an option of exec.
  if (!isWhole || words.length === 0 || words[0]!.startsWith("-")) return undefined;
  return { argv: words.map(toBytes), joinsErrorToOutput };
}

/** Walks through a text. */
class Reader {
  at = 0;

  constructor(readonly text: string) {}

  /** Takes what matches here: its first group, or all of it; undefined when nothing does. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.at = pattern.lastIndex;
    return match[1] ?? match[0];
  }

  /** Takes a word: any number of pieces, each bare or quoted. */
  takeWord(): string | undefined {
    let word: string | undefined;
    for (;;) {
      if (word !== undefined && this.take(CONTINUED) !== undefined) continue;
      const piece = this.take(BARE) ?? this.take(SINGLE) ?? this.take(DOUBLE);
      if (piece === undefined) return word;
      word = (word ?? "") + piece;
    }
  }
}

/** One character for each byte, so that patterns work on bytes. */
function toText(bytes: Bytes): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function toBytes(text: string): Bytes {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
