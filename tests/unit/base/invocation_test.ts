import { assertEquals } from "@std/assert";
import { decode, encode } from "../../../src/base/bytes.ts";
import { readInvocation } from "../../../src/base/invocation.ts";

function read(...commandLine: string[]): [string, string, string[]] {
  const isProgram = (name: string): boolean => name === "svc" || name === "svok";
  const { name, invokedAs, args } = readInvocation(commandLine.map(encode), isProgram);
  return [name, decode(invokedAs), args.map(decode)];
}

Deno.test("readInvocation() goes by the base name of argv[0]", () => {
  assertEquals(read("/command/svc", "-u", "x"), ["svc", "/command/svc", ["-u", "x"]]);
  assertEquals(read("svok", "svc"), ["svok", "svok", ["svc"]]);
});

Deno.test("readInvocation() goes by the first argument of the suite itself", () => {
  assertEquals(read("./daemontools", "svc", "-u"), ["svc", "svc", ["-u"]]);
  assertEquals(read("daemontools", "/command/svc"), [
    "daemontools",
    "daemontools",
    ["/command/svc"],
  ]);
});

Deno.test("readInvocation() only explains by other names, and without any", () => {
  assertEquals(read("old-svc", "svc"), ["daemontools", "old-svc", []]);
  assertEquals(read("daemontools", "--list"), ["daemontools", "daemontools", ["--list"]]);
  assertEquals(read(), ["daemontools", "daemontools", []]);
  assertEquals(read(""), ["daemontools", "", []]);
});
