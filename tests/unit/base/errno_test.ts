import { assertEquals } from "@std/assert";
import { ERRNO, errnoName, errnoNamed, errnoText } from "../../../src/base/errno.ts";

Deno.test("errnoText() uses daemontools' words", () => {
  // The words that surprise: permission denied is not EACCES.
  const words: [number, string][] = [
    [0, "no error"],
    [1, "permission denied"],
    [2, "file does not exist"],
    [6, "device not configured"],
    [11, "temporary failure"],
    [13, "access denied"],
    [17, "file already exists"],
    [18, "cross-device link"],
    [28, "out of disk space"],
    [30, "read-only file system"],
    [40, "symbolic link loop"],
    [75, "unknown error"],
    [116, "stale NFS file handle"],
    [122, "disk quota exceeded"],
    [133, "unknown error"],
    [-1, "unknown error"],
  ];
  for (const [errno, text] of words) assertEquals(errnoText(errno), text);
});

Deno.test("errnoName() names what it knows and shows the number of the rest", () => {
  assertEquals([errnoName(2), errnoName(9999)], ["ENOENT", "9999"]);
  assertEquals([errnoName(1), errnoName(122), errnoName(-1)], ["EPERM", "EDQUOT", "-1"]);
});

Deno.test("errnoNamed() knows the number of each name, and of nothing else", () => {
  for (const [name, errno] of Object.entries(ERRNO)) {
    assertEquals([errnoNamed(name), errnoName(errno)], [errno, name]);
  }
  assertEquals([errnoNamed("EDQUOT"), errnoNamed("ENETDOWN")], [122, 100]);
  for (const name of ["", "E", "permission", "1", "EOVERFLOW"]) {
    assertEquals(errnoNamed(name), undefined);
  }
});
