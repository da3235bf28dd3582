import { assertEquals } from "@std/assert";
import { closeNames, distanceOf } from "../../../src/base/closeness.ts";
import { absolutePath, patternOf } from "../../../src/console/services.ts";

Deno.test("patternOf() takes a shell's patterns, and everything else as it is", () => {
  const matching = (pattern: string) =>
    ["a", "ab", "b.c", "b+c", "a[b"].filter((name) => patternOf(pattern).test(name));
  assertEquals(matching("*"), ["a", "ab", "b.c", "b+c", "a[b"]);
  assertEquals(matching("?"), ["a"]);
  assertEquals(matching("b.c"), ["b.c"]);
  assertEquals(matching("b[+.]c"), ["b.c", "b+c"]);
  assertEquals(matching("b[!+]c"), ["b.c"]);
  assertEquals(matching("a[b"), ["a[b"]);
});

Deno.test("absolutePath() begins at the working directory", () => {
  assertEquals(absolutePath("/a/b/"), "/a/b");
  assertEquals(absolutePath("./a"), `${Deno.cwd()}/a`);
  assertEquals(absolutePath("."), Deno.cwd());
  assertEquals(absolutePath("/"), "/");
});

Deno.test("closeNames() finds what was meant", () => {
  assertEquals(distanceOf("kitten", "sitting"), 3);
  assertEquals(closeNames("helo", ["hello", "help", "world"]), ["hello", "help"]);
  assertEquals(closeNames("web", ["my-web-server", "mail"]), ["my-web-server"]);
  assertEquals(closeNames("zzz", ["hello"]), []);
  assertEquals(closeNames("--", ["hello"]), []);
  assertEquals(closeNames("HELO", ["Hello"]), ["Hello"]);
});
