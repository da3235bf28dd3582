import { assertEquals, assertThrows } from "@std/assert";
import { ERRNO } from "../../../src/base/errno.ts";
import { ignoreSystemError, SystemError, unlessMissing } from "../../../src/base/system_error.ts";

function failWith(error: Error): () => never {
  return () => {
    throw error;
  };
}

Deno.test("ignoreSystemError() ignores what the system says, and no bug", () => {
  ignoreSystemError(new SystemError("close", ERRNO.EIO));
  assertThrows(() => ignoreSystemError(new TypeError("a bug")), TypeError);
});

Deno.test("unlessMissing() is undefined for a missing file, and throws for all else", () => {
  assertEquals(unlessMissing(() => 7), 7);
  assertEquals(unlessMissing(failWith(new SystemError("open", ERRNO.ENOENT))), undefined);
  assertThrows(() => unlessMissing(failWith(new SystemError("open", ERRNO.EACCES))), SystemError);
  assertThrows(() => unlessMissing(failWith(new TypeError("a bug"))), TypeError);
});
