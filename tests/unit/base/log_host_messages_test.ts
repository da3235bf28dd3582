import { assertEquals } from "@std/assert";
import { encode } from "../../../src/base/bytes.ts";
import {
  decodeCommand,
  decodeReport,
  encodeCommand,
  encodeReport,
  type HostCommand,
  type HostReport,
} from "../../../src/base/log_host_messages.ts";

const COMMANDS: HostCommand[] = [
  { kind: "signal", id: 7, signal: 15 },
  {
    kind: "open",
    id: 0xfffffffe,
    args: ["t", "", "./main"].map(encode),
    joinsErrorToOutput: true,
  },
  { kind: "hold" },
  { kind: "release" },
  { kind: "open", id: 0, args: [Uint8Array.of(0xff)], joinsErrorToOutput: false },
];

const REPORTS: HostReport[] = [
  { kind: "next" },
  { kind: "leaving" },
  { kind: "ended", id: 7, status: 111 << 8 },
  { kind: "full", id: 0x12345678 },
];

Deno.test("encodeCommand() is undone by decodeCommand()", () => {
  for (const command of COMMANDS) assertEquals(decodeCommand(encodeCommand(command)), command);
});

Deno.test("encodeReport() is undone by decodeReport()", () => {
  for (const report of REPORTS) assertEquals(decodeReport(encodeReport(report)), report);
});

Deno.test("decodeCommand() and decodeReport() take nothing that is cut short or strange", () => {
  for (const command of COMMANDS) {
    const bytes = encodeCommand(command);
    assertEquals(decodeCommand(bytes.slice(0, -1)), undefined);
  }
  for (const report of REPORTS) {
    const bytes = encodeReport(report);
    assertEquals(decodeReport(bytes.slice(0, -1)), undefined);
    assertEquals(decodeReport(new Uint8Array([...bytes, 0])), undefined);
  }
  for (const text of ["", "s", "x12345", "o12345x", "oooooooo", "nn"]) {
    assertEquals(decodeCommand(encode(text)), undefined, text);
    assertEquals(decodeReport(encode(text)), undefined, text);
  }
});
