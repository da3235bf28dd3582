import { assertEquals } from "@std/assert";
import { type Bytes, encode } from "../../../../src/base/bytes.ts";
import {
  type Found,
  NOTE_SIZE,
  type PlannedWrite,
  WriteNote,
  WriteNotes,
} from "../../../../src/logging/directory/write_note.ts";

const INPUT = encode(Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join(""));
const WRITE: PlannedWrite = {
  currentInode: 2n ** 63n + 5n,
  pipeInode: 17n,
  sizeBefore: 5_000_000_000,
  sizeAfter: 5_000_002_000,
  input: INPUT,
};
const FOUND: Found = {
  currentInode: WRITE.currentInode,
  pipeInode: 17n,
  size: 5_000_001_000,
  peek: (length) => length === INPUT.length ? INPUT : undefined,
};
const NOTHING = { kind: "nothing" } as const;

/** A file for notes. */
function notesIn(file: Bytes, firstLine?: { seconds: number; nanoseconds: number }): WriteNotes {
  const writeAt = (_fd: number, from: Bytes, offset: number) => {
    file.set(from, offset);
    return from.length;
  };
  return new WriteNotes({ writeAt }, 3, firstLine);
}

/** What a note says of what is found. */
function remedyFor(found: Partial<Found>, isEnded = false) {
  const file = new Uint8Array(NOTE_SIZE);
  const notes = notesIn(file);
  notes.begin(WRITE);
  if (isEnded) notes.end();
  return WriteNote.decode(file)!.remedyFor({ ...FOUND, ...found });
}

Deno.test("WriteNote has a file cut that is longer while the input is still in the pipe", () => {
  const truncate = { kind: "truncate", size: WRITE.sizeBefore } as const;
  assertEquals(remedyFor({}), truncate);
  assertEquals(remedyFor({ size: WRITE.sizeBefore + 1 }), truncate);
  assertEquals(remedyFor({ size: WRITE.sizeAfter - 1 }), truncate);
});

Deno.test("WriteNote has input taken out that is all in the file", () => {
  assertEquals(remedyFor({ size: WRITE.sizeAfter }), { kind: "drop", input: INPUT });
});

Deno.test("WriteNote says nothing of another file, pipe or size, or of a write that was done", () => {
  assertEquals(remedyFor({}, true), NOTHING);
  for (const inode of [5n, 17n]) assertEquals(remedyFor({ currentInode: inode }), NOTHING);
  assertEquals(remedyFor({ pipeInode: 18n }), NOTHING);
  for (const size of [0, WRITE.sizeBefore, WRITE.sizeAfter + 1]) {
    assertEquals(remedyFor({ size }), NOTHING);
  }
});

Deno.test("WriteNote says nothing where the input is not in the pipe any more", () => {
  assertEquals(remedyFor({ peek: () => undefined }), NOTHING);
  for (const place of [0, 127, INPUT.length - 1]) {
    const other = INPUT.slice();
    other[place]!++;
    assertEquals(remedyFor({ peek: () => other, size: WRITE.sizeAfter }), NOTHING);
  }
});

Deno.test("WriteNote knows little input that is noted after much", () => {
  const file = new Uint8Array(NOTE_SIZE);
  const notes = notesIn(file);
  notes.begin(WRITE);
  notes.end();
  const input = encode("a\nb\nc\n");
  notes.begin({ ...WRITE, input });
  const remedy = WriteNote.decode(file)!.remedyFor({
    ...FOUND,
    size: WRITE.sizeAfter,
    peek: (length) => length === input.length ? input : undefined,
  });
  assertEquals(remedy, { kind: "drop", input });
});

Deno.test("WriteNote.decode() takes nothing else for a note", () => {
  assertEquals(WriteNote.decode(new Uint8Array(0)), undefined);
  assertEquals(WriteNote.decode(new Uint8Array(NOTE_SIZE)), undefined);
  const file = new Uint8Array(NOTE_SIZE);
  notesIn(file).begin(WRITE);
  assertEquals(WriteNote.decode(file.subarray(0, -1)), undefined);
});

Deno.test("WriteNotes keeps when the first line of current came", () => {
  const file = new Uint8Array(NOTE_SIZE);
  const notes = notesIn(file, { seconds: 1_900_000_000, nanoseconds: 999_999_999 });
  notes.begin(WRITE);
  notes.end();
  const { firstLine } = WriteNote.decode(file)!;
  assertEquals(firstLine, { seconds: 1_900_000_000, nanoseconds: 999_999_999 });
  notes.noteFirstLine({ seconds: 1_900_000_001, nanoseconds: 0 });
  assertEquals(WriteNote.decode(file)!.firstLine, { seconds: 1_900_000_001, nanoseconds: 0 });
  notesIn(file).begin(WRITE);
  assertEquals(WriteNote.decode(file)!.firstLine, undefined);
});
