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

Deno.test("readInvocation() goes by the first argument where the name is none of ours", () => {
  assertEquals(read("./dt", "svc", "-u"), ["svc", "svc", ["-u"]]);
  assertEquals(read("./dt", "install"), ["daemontools", "./dt", ["install"]]);
});

Deno.test("readInvocation() means the suite where no program is named", () => {
  assertEquals(read("svcc", "-u"), ["daemontools", "svcc", ["-u"]]);
  assertEquals(read("daemontools", "--list"), ["daemontools", "daemontools", ["--list"]]);
  assertEquals(read(), ["daemontools", "daemontools", []]);
  assertEquals(read(""), ["daemontools", "", []]);
});
