/** Running what a table's entry stands for. */

import { assertEquals, assertRejects } from "@std/assert";
import type { Command } from "../../../src/suite/command.ts";
import { PROGRAMS } from "../../../src/suite/registry.ts";
import { runCommand } from "../../../src/suite/run_command.ts";
import type { Context } from "../../../src/system/context.ts";
import { linuxFileKernel } from "../../../src/system/linux/file_kernel.ts";

const CONTEXT: Context<ReturnType<typeof linuxFileKernel>> = {
  program: "test",
  usage: "",
  invokedAs: new Uint8Array(0),
  args: [],
  environment: [],
  execAttributes: { limits: [], descriptors: [] },
  kernel: linuxFileKernel(),
  enter: () => Promise.resolve(0),
  isProgram: () => false,
  describeBug: (error) => Promise.resolve(String(error)),
};
const WORDS = { summary: "", usage: "" };

const never = () => new Promise<number>(() => {});

/** A program that has all of the kernel interface. */
function program(run: (context: Context) => Promise<number>): Command {
  return { ...WORDS, load: () => Promise.resolve({ run }) };
}

Deno.test("runCommand() gives each program the part of the kernel that it asks for", async () => {
  const has = async (command: Command, call: string) => {
    let found = false;
    const run = (context: object) => {
      found = "kernel" in context && call in (context.kernel as object);
      return Promise.resolve(0);
    };
    const load = async () => ({ ...await command.load(), run });
    await runCommand({ ...command, load } as Command, CONTEXT);
    return found;
  };
  const { setlock, fghack } = PROGRAMS;
  const files: Command = { ...WORDS, kernel: "files", load: () => Promise.resolve({ run: never }) };
  const whole = program(never);
  const found: boolean[][] = [];
  for (const command of [files, setlock!, fghack!, whole]) {
    found.push([]);
    for (const call of ["openRead", "execute", "spawn", "newPoller"]) {
      found.at(-1)!.push(await has(command, call));
    }
  }
  assertEquals(found, [
    [true, false, false, false],
    [true, true, false, false],
    [true, true, true, false],
    [true, true, true, true],
  ]);
});

Deno.test("runCommand() throws what a program throws where nobody waits for it", async () => {
  for (
    const escape of [
      () =>
        void setTimeout(() => {
          throw new Error("escaped");
        }),
      () => void Promise.reject(new Error("escaped")),
    ]
  ) {
    const run = async () => {
      escape();
      return await never();
    };
    await assertRejects(() => runCommand(program(run), CONTEXT), Error, "escaped");
  }
});
