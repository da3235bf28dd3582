/** The last step of a program that runs another one: becoming it. */

import { type Bytes, encode, equalBytes, startsWith } from "../base/bytes.ts";
import { type Invocation, readInvocation, SUITE_NAME } from "../base/invocation.ts";
import { missingInterpreter } from "../base/interpreter.ts";
import { CWD } from "../base/kernel_constants.ts";
import { fatal } from "../base/messages.ts";
import { errnoOf } from "../base/system_error.ts";
import type { Context } from "../system/context.ts";
import type { ProgramKernel } from "../system/kernel.ts";
import type { ExecAttributes } from "../system/kernel.ts";
import { attributesFor, holdBackLimits, isOwn } from "./exec_attributes.ts";
import { candidatePaths, isOfLimits, tryEach } from "./search.ts";

/** Variables that the dynamic linker, the C library or the runtime look at only when they start. */
const START_VARIABLES = ["DENO_", "GLIBC_", "LD_", "LOCPATH=", "MALLOC_", "RUST_", "TZ"].map(
  encode,
);

/**
 * Becomes another program. It is searched in the PATH that we were given, whatever is in the
 * environment that it gets. A program of the suite that can be had in this process, exactly as
 * after an execve, goes on here and saves a start of the runtime.
 *
 * @param argv its name and arguments
 * @param environment its environment; ours unless given
 * @returns the exit code, if the program went on in this process
 * @throws {ProgramEnd} when it cannot be run
 */
export async function runProgram(
  context: Context<ProgramKernel>,
  argv: readonly Bytes[],
  environment: readonly Bytes[] = context.environment,
): Promise<number> {
  const { kernel, execAttributes } = context;
  const name = argv[0]!;
  let invocation: Invocation;
  let left: ExecAttributes;
  try {
    invocation = tryEach(
      candidatePaths(name, context.environment),
      (path) =>
        continueAs(context, path, argv, environment) ??
          executeWith(context, path, argv, environment),
    );
    left = holdBackLimits(kernel, execAttributes);
  } catch (error) {
    failToRun(context, name, error);
  }
  const { invokedAs, args } = invocation;
  return await context.enter(invocation.name, {
    ...context,
    execAttributes: left,
    invokedAs,
    args,
    environment,
  });
}

/**
 * To be called before what may leave descriptors open, such as looking up an account: they are not
 * part of what a program that goes on in this process was started with.
 *
 * @param argv the name and arguments of the program that is to run
 */
export function noteDescriptors(
  { kernel, isProgram }: Context<ProgramKernel>,
  argv: readonly Bytes[],
): void {
  if (readInvocation(argv, isProgram).name !== SUITE_NAME) kernel.noteDescriptors();
}

/**
 * Executes a program with the exec attributes of a context.
 *
 * @throws {SystemError} always: why it cannot be executed
 */
export function executeWith(
  { kernel, execAttributes }: Context<ProgramKernel>,
  path: Bytes,
  argv: readonly Bytes[],
  environment: readonly Bytes[],
): never {
  const given = attributesFor(kernel, path, environment, execAttributes);
  return kernel.execute(path, argv, given.environment, given.attributes);
}

/**
 * Ends a program that could not run another one, with the reason.
 *
 * @param name what was searched in the PATH of the environment
 * @throws {ProgramEnd} always
 */
export function failToRun(
  { program, kernel, environment }: Pick<
    Context<ProgramKernel>,
    "program" | "kernel" | "environment"
  >,
  name: Bytes,
  error: unknown,
): never {
  // Limits are left by softlimit, wherever in the chain that was.
  if (isOfLimits(error)) fatal("softlimit", ["setrlimit failed"], error);
  const errno = errnoOf(error);
  const reasons = candidatePaths(name, environment).map((path) =>
    missingInterpreter(kernel, CWD, path, errno)
  );
  fatal(program, ["unable to run ", name, reasons.find((reason) => reason !== "") ?? ""], error);
}

/** What to go on as, if the path is one of our programs and nobody will notice a difference. */
function continueAs(
  { kernel, environment: earlier, execAttributes, isProgram }: Context<ProgramKernel>,
  path: Bytes,
  argv: readonly Bytes[],
  environment: readonly Bytes[],
): Invocation | undefined {
  const invocation = readInvocation(argv, isProgram);
  const goesOn = invocation.name !== SUITE_NAME && isOwn(kernel, path) &&
    haveSameStart(earlier, environment) &&
    kernel.continueAs(path, argv, environment, execAttributes);
  return goesOn ? invocation : undefined;
}

function haveSameStart(one: readonly Bytes[], other: readonly Bytes[]): boolean {
  if (one === other) return true;
  const [mine, theirs] = [one, other].map((environment) =>
    environment.filter((entry) => START_VARIABLES.some((prefix) => startsWith(entry, prefix)))
  );
  return mine!.length === theirs!.length &&
    mine!.every((entry, i) => equalBytes(entry, theirs![i]!));
}
