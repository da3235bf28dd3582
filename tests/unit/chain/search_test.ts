import { assertEquals, assertThrows } from "@std/assert";
import { decode, encode } from "../../../src/base/bytes.ts";
import { ERRNO, type ErrnoName } from "../../../src/base/errno.ts";
import { SystemError } from "../../../src/base/system_error.ts";
import { candidatePaths, tryEach } from "../../../src/chain/search.ts";

function candidates(name: string, path?: string): string[] {
  const environment = path === undefined ? ["X=y"] : [`PATH=${path}`, "PATH=/second"];
  return candidatePaths(encode(name), environment.map(encode)).map(decode);
}

/** The reason after trying paths of which each fails with what its name says. */
function reasonOf(...failures: ErrnoName[]): { errno: number; tried: number } {
  let tried = 0;
  const error = assertThrows(() =>
    tryEach(failures.map(encode), (path) => {
      tried++;
      throw new SystemError("execve", ERRNO[decode(path) as ErrnoName]);
    }), SystemError);
  return { errno: error.errno, tried };
}

Deno.test("candidatePaths() takes a name with a slash as it is", () => {
  for (const name of ["/bin/x", "./x", "x/", "a/b"]) assertEquals(candidates(name, "/bin"), [name]);
});

Deno.test("candidatePaths() goes through the first PATH", () => {
  assertEquals(candidates("x", "/a:b"), ["/a/x", "b/x"]);
  assertEquals(candidates("", "/a"), ["/a/"]);
});

Deno.test("candidatePaths() takes an empty element for the working directory", () => {
  assertEquals(candidates("x", ""), ["./x"]);
  assertEquals(candidates("x", ":/a::/b:"), ["./x", "/a/x", "./x", "/b/x", "./x"]);
});

Deno.test("candidatePaths() has a PATH where there is none", () => {
  assertEquals(candidates("x"), ["/bin/x", "/usr/bin/x"]);
});

Deno.test("tryEach() passes over what is not there or not allowed", () => {
  assertEquals(reasonOf("ENOENT", "ENOENT"), { errno: ERRNO.ENOENT, tried: 2 });
  assertEquals(reasonOf("EACCES", "ENOENT"), { errno: ERRNO.EACCES, tried: 2 });
  assertEquals(reasonOf("EACCES", "EPERM", "EISDIR"), { errno: ERRNO.EISDIR, tried: 3 });
});

Deno.test("tryEach() stops at any other error", () => {
  for (const last of ["ENOTDIR", "ENOEXEC", "ELOOP", "ENAMETOOLONG", "E2BIG"] as const) {
    assertEquals(reasonOf("EACCES", last, "ENOENT"), { errno: ERRNO[last], tried: 2 });
  }
});

Deno.test("tryEach() returns what the first success returned", () => {
  const paths = ["no", "yes", "never"].map(encode);
  const found = tryEach(paths, (path) => {
    if (decode(path) === "no") throw new SystemError("execve", ERRNO.ENOENT);
    return decode(path);
  });
  assertEquals(found, "yes");
});
