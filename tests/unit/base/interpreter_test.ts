import { assertEquals } from "@std/assert";
import { encode } from "../../../src/base/bytes.ts";
import { ERRNO } from "../../../src/base/errno.ts";
import { missingInterpreter } from "../../../src/base/interpreter.ts";
import { SystemError } from "../../../src/base/system_error.ts";

/** A kernel with one file; none when the text is undefined. */
function holding(text: string | undefined) {
  let isOpen = false;
  return {
    openRead() {
      if (text === undefined) throw new SystemError("open", ERRNO.ENOENT);
      isOpen = true;
      return 3;
    },
    read(_fd: number, into: Uint8Array) {
      const bytes = encode(text ?? "").subarray(0, into.length);
      into.set(bytes);
      return bytes.length;
    },
    close: () => void (isOpen = false),
    isOpen: () => isOpen,
  };
}

function explain(text: string | undefined, errno = ERRNO.ENOENT as number): string {
  const kernel = holding(text);
  const explanation = missingInterpreter(kernel, -100, "run", errno);
  assertEquals(kernel.isOpen(), false);
  return explanation;
}

Deno.test("missingInterpreter() names the interpreter, and a carriage return behind it", () => {
  assertEquals(explain("#!/bin/shh\necho\n"), ": no interpreter /bin/shh");
  assertEquals(explain("#! /bin/shh -e\n"), ": no interpreter /bin/shh");
  const hint = " (line 1 ends in a carriage return)";
  assertEquals(explain("#!/bin/sh\r\necho\r\n"), `: no interpreter /bin/sh\\r${hint}`);
  assertEquals(explain("#!/bin/shh -e\r\n"), ": no interpreter /bin/shh");
  const other = " (line 1 holds a carriage return)";
  assertEquals(explain("#!/bin/sh\recho\r"), `: no interpreter /bin/sh\\recho\\r${hint}`);
  assertEquals(explain("#!/bin/sh\recho x\r"), `: no interpreter /bin/sh\\recho${other}`);
  assertEquals(explain(`#!/${"x".repeat(400)}`), `: no interpreter /${"x".repeat(253)}`);
});

Deno.test("missingInterpreter() tells of a byte order mark before a script", () => {
  const { ENOEXEC } = ERRNO;
  assertEquals(explain("\ufeff#!/bin/sh\r\n", ENOEXEC), ": a byte order mark stands before its #!");
  for (const text of [undefined, "", "echo\n", "#!\n", "\ufeffecho\n"]) {
    assertEquals(explain(text, ENOEXEC), "", text);
  }
});

Deno.test("missingInterpreter() says nothing where no interpreter is at fault", () => {
  for (const text of [undefined, "", "echo\n", "\x7fELF", "#!", "#!\n"]) {
    assertEquals(explain(text), "", text);
  }
  assertEquals(explain("#!/bin/shh\n", ERRNO.EACCES), "");
});
