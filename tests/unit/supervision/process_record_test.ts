import { assertEquals } from "@std/assert";
import type { Bytes } from "../../../src/base/bytes.ts";
import {
  decodeProcessRecord,
  encodeProcessRecord,
  PROCESS_RECORD_SIZE,
  type ProcessRecord,
} from "../../../src/supervision/process_record.ts";

const BOOT = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
const RECORD: ProcessRecord = {
  bootId: BOOT,
  phase: "running",
  pid: 4_194_303,
  startTicks: 2 ** 40 + 7,
  paused: false,
  want: "up",
  leaving: false,
  since: { seconds: 1_700_000_000, nanoseconds: 999_999_999 },
  pipeInode: 2n ** 63n + 1n,
  sessionId: 77,
};

Deno.test("decodeProcessRecord() gives back what was encoded", () => {
  const variants: Partial<ProcessRecord>[] = [
    {},
    { paused: true, leaving: true },
    { want: "down" },
    { phase: "hosted" },
    { phase: "finishing" },
    { want: "once" },
    { phase: "none", pid: 0, pipeInode: 0n },
    { phase: "starting", pid: 0, startTicks: 0 },
    { since: { seconds: -5, nanoseconds: 0 } },
  ];
  for (const variant of variants) {
    const record = { ...RECORD, ...variant };
    const bytes = encodeProcessRecord(record);
    assertEquals(bytes.length, PROCESS_RECORD_SIZE);
    assertEquals(decodeProcessRecord(bytes, BOOT), record);
  }
});

Deno.test("decodeProcessRecord() knows nothing of another boot", () => {
  const other = BOOT.map((byte) => byte ^ 1);
  assertEquals(decodeProcessRecord(encodeProcessRecord(RECORD), other), undefined);
});

Deno.test("decodeProcessRecord() knows nothing when any one bit is another", () => {
  const bytes = encodeProcessRecord(RECORD);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const other = bytes.slice();
    other[bit >> 3]! ^= 1 << (bit & 7);
    assertEquals(decodeProcessRecord(other, BOOT), undefined, `bit ${bit}`);
  }
});

Deno.test("decodeProcessRecord() knows nothing of what has another length", () => {
  const bytes = encodeProcessRecord(RECORD);
  const lengths: Bytes[] = [bytes.slice(0, 0), bytes.slice(1), bytes.slice(0, -1)];
  for (const other of [...lengths, new Uint8Array([...bytes, 0])]) {
    assertEquals(decodeProcessRecord(other, BOOT), undefined);
  }
});

Deno.test("decodeProcessRecord() never names a process that cannot be a service's", () => {
  const impossible: Partial<ProcessRecord>[] = [
    { pid: 0 },
    { pid: 1 },
    { phase: "none" },
    { phase: "starting" },
  ];
  for (const variant of impossible) {
    const bytes = encodeProcessRecord({ ...RECORD, ...variant });
    assertEquals(decodeProcessRecord(bytes, BOOT), undefined);
  }
});
