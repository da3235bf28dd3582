import { assertEquals, assertThrows } from "@std/assert";
import { SystemError } from "../../../src/base/system_error.ts";
import { ERRNO } from "../../../src/base/errno.ts";
import { withSpareDescriptor } from "../../../src/supervision/spare_descriptor.ts";

/** A kernel with a limit of descriptors, which gives out the lowest number that is free. */
function world(limit: number) {
  const open = new Map<number, string>();
  const opener = (_at: number, path: string | Uint8Array): number => {
    for (let fd = 0; fd < limit; fd++) {
      if (open.has(fd)) continue;
      open.set(fd, String(path));
      return fd;
    }
    throw new SystemError("open", ERRNO.EMFILE);
  };
  const plain = {
    openAppend: opener,
    openDirectory: opener,
    openRead: opener,
    openTruncate: opener,
    openWrite: opener,
    close: (fd: number) => void open.delete(fd),
  };
  return { open, plain, kernel: withSpareDescriptor(plain) };
}

Deno.test("withSpareDescriptor() opens a file when there is no descriptor, again and again", () => {
  const { open, plain, kernel } = world(3);
  plain.openDirectory(0, "a");
  plain.openDirectory(0, "b");
  for (let time = 0; time < 3; time++) {
    const fd = kernel.openTruncate(0, "status");
    assertEquals([...open.values()].sort(), ["a", "b", "status"]);
    assertThrows(() => kernel.openWrite(0, "second"), SystemError);
    kernel.close(fd);
    assertEquals([...open.values()].sort(), ["/", "a", "b"]);
  }
});

Deno.test("withSpareDescriptor() goes on without where there was none to be had", () => {
  const { open, plain, kernel } = world(0);
  assertThrows(() => kernel.openRead(0, "a"), SystemError);
  const few = world(1);
  const fd = few.kernel.openRead(0, "a");
  assertThrows(() => few.kernel.openRead(0, "b"), SystemError);
  few.kernel.close(fd);
  assertEquals([open.size, [...few.open.values()]], [0, ["/"]]);
  assertThrows(() => plain.openRead(0, "a"), SystemError);
});
