import { assertEquals, assertThrows } from "@std/assert";
import { decode } from "../../../src/base/bytes.ts";
import {
  createReporter,
  fatal,
  messageLine,
  ProgramEnd,
  usage,
} from "../../../src/base/messages.ts";
import { SystemError } from "../../../src/base/system_error.ts";

function endOf(action: () => never): [exitCode: number, text: string] {
  const end = assertThrows(action, ProgramEnd) as ProgramEnd;
  return [end.exitCode, decode(end.text)];
}

Deno.test("messageLine() has a reason only when there was an error number", () => {
  const line = (errno?: number) => decode(messageLine("svc", "warning", ["no ", "go"], errno));
  assertEquals(line(2), "svc: warning: no go: file does not exist\n");
  assertEquals(line(), "svc: warning: no go\n");
});

Deno.test("messageLine() passes bytes on that are not UTF-8", () => {
  const line = messageLine("x", "fatal", [Uint8Array.of(0xff)]);
  assertEquals(line.at(-2), 0xff);
});

Deno.test("fatal() ends with 111 and the reason", () => {
  assertEquals(
    endOf(() => fatal("svok", ["unable to chdir to ", "x"], new SystemError("chdir", 13))),
    [111, "svok: fatal: unable to chdir to x: access denied\n"],
  );
});

Deno.test("fatal() hides no error that is not the system's", () => {
  assertThrows(() => fatal("svok", ["x"], new TypeError("a bug")), TypeError);
});

Deno.test("usage() ends with 100, or what a program uses instead", () => {
  assertEquals(endOf(() => usage("svok: usage: svok dir")), [100, "svok: usage: svok dir\n"]);
  assertEquals(endOf(() => usage("u", 111)), [111, "u\n"]);
});

Deno.test("createReporter() speaks in one name, with a reason only for what was caught", () => {
  const lines: string[] = [];
  const reporter = createReporter("svscan", (line) => lines.push(decode(line)));
  reporter.warning(["unable to stat ", "x"], new SystemError("stat", 13));
  reporter.fatal(["no go"]);
  assertEquals(lines, [
    "svscan: warning: unable to stat x: access denied\n",
    "svscan: fatal: no go\n",
  ]);
});
