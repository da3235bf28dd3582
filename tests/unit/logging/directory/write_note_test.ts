import { assertEquals } from "@std/assert";
import { type Bytes, concat, EMPTY, encode } from "../../../../src/base/bytes.ts";
import {
  type Found,
  NOTE_SIZE,
  type PlannedWrite,
  WriteNote,
  WriteNotes,
} from "../../../../src/logging/directory/write_note.ts";

const INPUT = encode(Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join("") + "be");
const BOOT_ID = encode("0123456789abcdef");
const LABEL = { seconds: 1_900_000_000, nanoseconds: 999_999_999 };
const WRITE: PlannedWrite = {
  currentInode: 2n ** 63n + 5n,
  pipeInode: 17n,
  sizeBefore: 5_000_000_000,
  sizeAfter: 5_000_002_000,
  input: INPUT,
  unfinished: encode("be"),
  nextLabel: LABEL,
};

/** A pipe with something in it. */
function pipeWith(contents: Bytes, inode = 17n) {
  const peek = (length: number) =>
    length <= contents.length ? contents.slice(0, length) : undefined;
  return { inode, peek };
}

const size = 5_000_001_000;
const FOUND: Found = {
  current: { inode: WRITE.currentInode, size },
  bootId: BOOT_ID,
  pipe: pipeWith(concat(INPUT, "more")),
};
const sized = (size: number) => ({ current: { inode: WRITE.currentInode, size } });

/** A file for notes. */
function noteFile() {
  const file = { bytes: EMPTY };
  const writeAt = (_fd: number, from: Bytes, offset: number) => {
    const bytes = new Uint8Array(Math.max(file.bytes.length, offset + from.length));
    bytes.set(file.bytes);
    bytes.set(from, offset);
    file.bytes = bytes;
    return from.length;
  };
  const notes = (left?: WriteNote, firstLine = { seconds: 0, nanoseconds: 0 }, hasMark = true) =>
    new WriteNotes({ writeAt }, 3, { bootId: BOOT_ID, left, firstLine, hasMark });
  return { file, notes };
}

/** A note of a write behind one that left the beginning of a line. */
function noted(write: PlannedWrite = WRITE, isTaken = false): WriteNote {
  const { file, notes } = noteFile();
  const taking = notes();
  taking.begin({ ...WRITE, unfinished: encode("earlier") });
  taking.begin(write);
  if (isTaken) taking.end(false);
  return WriteNote.decode(file.bytes)!;
}

const earlier = encode("earlier");
const unfinished = encode("be");

Deno.test("WriteNote has a file cut that is longer while the input is still in the pipe", () => {
  const cut = { cutTo: WRITE.sizeBefore, unfinished: earlier };
  assertEquals(noted().remedyFor(FOUND), cut);
  assertEquals(noted().remedyFor({ ...FOUND, ...sized(WRITE.sizeBefore + 1) }), cut);
  assertEquals(noted().remedyFor({ ...FOUND, ...sized(WRITE.sizeAfter - 1) }), cut);
  const before = { ...FOUND, ...sized(WRITE.sizeBefore) };
  assertEquals(noted().remedyFor(before), { unfinished: earlier });
});

Deno.test("WriteNote has input taken out that is all in the file: all, or its last byte", () => {
  const found = { ...FOUND, ...sized(WRITE.sizeAfter) };
  assertEquals(noted().remedyFor(found), { takeOut: INPUT.length, unfinished });
  const afterRead = { ...found, pipe: pipeWith(encode("e\nmore")) };
  assertEquals(noted().remedyFor(afterRead), { takeOut: 1, unfinished });
  const empty = { ...found, pipe: pipeWith(EMPTY) };
  assertEquals(noted().remedyFor(empty), { takeOut: 0, unfinished });
});

Deno.test("WriteNote takes no byte out that only looks like the last one", () => {
  const { file, notes } = noteFile();
  notes(undefined, undefined, false).begin(WRITE);
  const note = WriteNote.decode(file.bytes)!;
  const found = { ...FOUND, ...sized(WRITE.sizeAfter), pipe: pipeWith(encode("e\nmore")) };
  assertEquals(note.remedyFor(found), { takeOut: 0, unfinished });
});

Deno.test("WriteNote takes the same input for new where it was taken out", () => {
  const found = { ...FOUND, ...sized(WRITE.sizeAfter) };
  assertEquals(noted(WRITE, true).remedyFor(found), { unfinished });
});

Deno.test("WriteNote knows little input that is noted after much, and no input", () => {
  const found = (pipe: string) => ({
    ...FOUND,
    ...sized(WRITE.sizeAfter),
    pipe: pipeWith(encode(pipe)),
  });
  const few = noted({ ...WRITE, input: encode("a\nb\n"), unfinished: EMPTY });
  assertEquals(few.remedyFor(found("a\nb\nc\n")), { takeOut: 4, unfinished: EMPTY });
  const none = noted({ ...WRITE, input: EMPTY, unfinished: EMPTY });
  assertEquals(none.remedyFor(found("a\nb\nc\n")), { takeOut: 0, unfinished: EMPTY });
});

Deno.test("WriteNote says nothing where somebody else has written to the file", () => {
  for (const isTaken of [false, true]) {
    const note = noted(WRITE, isTaken);
    assertEquals(note.remedyFor({ ...FOUND, current: { inode: 5n, size } }), undefined);
    for (const size of [1, WRITE.sizeBefore - 1, WRITE.sizeAfter + 1]) {
      assertEquals(note.remedyFor({ ...FOUND, ...sized(size) }), undefined);
    }
  }
  assertEquals(noted(WRITE, true).remedyFor(FOUND), undefined);
});

Deno.test("WriteNote keeps the beginning of a line where a new file has begun", () => {
  for (const current of [undefined, { inode: 5n, size: 0 }]) {
    assertEquals(noted(WRITE, true).remedyFor({ ...FOUND, current }), { unfinished });
    assertEquals(noted().remedyFor({ ...FOUND, current }), { unfinished: earlier });
  }
});

Deno.test("WriteNote takes nothing out of another pipe, nor after another boot", () => {
  const all = { ...FOUND, ...sized(WRITE.sizeAfter) };
  const others = [
    { bootId: encode("0123456789abcdeF") },
    { pipe: pipeWith(INPUT, 18n) },
    { pipe: undefined },
  ];
  for (const other of others) {
    assertEquals(noted().remedyFor({ ...all, ...other }), { takeOut: 0, unfinished });
    assertEquals(noted().remedyFor({ ...FOUND, ...other }), { takeOut: 0, unfinished });
    assertEquals(noted().isOfPipe({ ...all, ...other }), false);
  }
  assertEquals(noted().isOfPipe(all), true);
});

Deno.test("WriteNote.decode() takes nothing else for a note", () => {
  assertEquals(WriteNote.decode(EMPTY), undefined);
  assertEquals(WriteNote.decode(new Uint8Array(NOTE_SIZE)), undefined);
  const { bytes } = noted();
  assertEquals(WriteNote.decode(bytes.slice(0, NOTE_SIZE - 1)), undefined);
  // The form is another.
  bytes[8] = 1;
  assertEquals(WriteNote.decode(bytes)!.remedyFor(FOUND), undefined);
});

Deno.test("WriteNotes goes on with what is noted: labels, and when the first line came", () => {
  const { file, notes } = noteFile();
  const firstLine = { seconds: 1_800_000_000, nanoseconds: 1 };
  notes(undefined, firstLine).begin(WRITE);
  const left = WriteNote.decode(file.bytes)!;
  assertEquals([left.firstLine, left.nextLabel], [firstLine, LABEL]);
  const resumed = notes(left, firstLine);
  resumed.goOn(encode("rest"));
  resumed.begin({ ...WRITE, nextLabel: undefined });
  const next = WriteNote.decode(file.bytes)!;
  assertEquals([next.firstLine, next.nextLabel], [firstLine, LABEL]);
  assertEquals(next.remedyFor(FOUND)!.unfinished, encode("rest"));
  resumed.noteFirstLine(LABEL);
  assertEquals(WriteNote.decode(file.bytes)!.firstLine, LABEL);
  resumed.reset();
  const last = WriteNote.decode(file.bytes)!;
  assertEquals([last.firstLine, last.nextLabel, last.remedyFor(FOUND)], [
    LABEL,
    undefined,
    undefined,
  ]);
});
