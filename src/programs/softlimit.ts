/** softlimit: run a program with lower limits. @see https://cr.yp.to/daemontools/softlimit.html */

import { baseName } from "../base/bytes.ts";
import { fatal, usage } from "../base/messages.ts";
import { type ParsedOption, parseOptions } from "../base/options.ts";
import { addAttributes, runProgram } from "../chain/programs.ts";
import { decodeLimitValue, LIMIT_OPTIONS } from "../chain/limits.ts";
import type { Context } from "../system/context.ts";
import type { ExecAttributes, ProgramKernel } from "../system/kernel.ts";

/**
 * Works out the soft limits, and runs the program with them. They take effect at that moment: the
 * runtime itself would not survive many of them.
 */
export async function run(context: Context<ProgramKernel>): Promise<number> {
  const limits: ExecAttributes["limits"][number][] = [];
  const { rest: argv } = parseOptions(context.args, {
    flags: "",
    valued: Object.keys(LIMIT_OPTIONS).join(""),
    invokedAs: baseName(context.invokedAs),
    usage: context.usage,
    onOption: (option) => limits.push(...limitsFrom(context, option)),
  });
  if (argv.length === 0) usage(context.usage);
  const execAttributes = addAttributes(context.execAttributes, { limits });
  return await runProgram({ ...context, execAttributes }, argv);
}

function limitsFrom(
  context: Context<ProgramKernel>,
  { letter, value }: ParsedOption,
): ExecAttributes["limits"] {
  const { program, kernel } = context;
  return LIMIT_OPTIONS[letter]!.map((resource) => {
    let hard: bigint;
    try {
      hard = kernel.getLimit(resource).hard;
    } catch (error) {
      fatal(program, ["getrlimit failed"], error);
    }
    const soft = decodeLimitValue(value, hard);
    if (soft === null) usage(context.usage);
    return { resource, limit: { soft, hard } };
  });
}
