import { assertEquals, assertThrows } from "@std/assert";
import { decode, encode } from "../../../src/base/bytes.ts";
import { ERRNO } from "../../../src/base/errno.ts";
import { lookAtScript, missingInterpreter } from "../../../src/base/interpreter.ts";
import { errnoOf, SystemError } from "../../../src/base/system_error.ts";

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

/** The error number that a look gives; 0 when only a try tells. Only /bin/sh is there. */
function look(text: string, permissions: number): number {
  const stat = (_at: number, path: string | Uint8Array) => {
    const name = typeof path === "string" ? path : decode(path);
    if (name !== "run" && name !== "/bin/sh") throw new SystemError("stat", ERRNO.ENOENT);
    return { permissions };
  };
  const kernel = holding(text);
  try {
    lookAtScript({ ...kernel, stat }, 3, "run");
    return 0;
  } catch (error) {
    return errnoOf(error);
  } finally {
    assertEquals(kernel.isOpen(), false);
  }
}

Deno.test("lookAtScript() finds what cannot be executed, and leaves all else to a try", () => {
  for (const text of ["#!/bin/sh\n", "#! \t/bin/sh\t-e\n", "#!/bin/sh", "#!\n", "echo\n", ""]) {
    assertEquals(look(text, 0o755), 0, text);
    assertEquals(look(text, 0o644), ERRNO.EACCES, text);
  }
  assertEquals(look(`#!/${"x".repeat(400)}`, 0o700), 0);
  assertEquals(look("#!/bin/shh -e\n", 0o700), ERRNO.ENOENT);
  assertEquals(look("#!/bin/sh\r\n", 0o700), ERRNO.ENOENT);
  assertThrows(() =>
    lookAtScript(
      {
        ...holding(undefined),
        stat: () => {
          throw new SystemError("stat", ERRNO.ENOENT);
        },
      },
      3,
      "run",
    ), SystemError);
});
