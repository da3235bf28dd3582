/** daemontools signal: send services a signal. */

import { signalName, signalNumber } from "../../base/signals.ts";
import { change } from "../../console/changing.ts";
import { readCommandLine, wrongCall } from "../../console/command_line.ts";
import { isForbidden } from "../../console/rights.ts";
import { sendLetters, SIGNAL_LETTERS } from "../../observation/control.ts";
import { type Observation, observe } from "../../observation/observe.ts";
import { SystemError } from "../../base/system_error.ts";
import { ERRNO } from "../../base/errno.ts";
import type { Context } from "../../system/context.ts";

const HELP = `SIGNAL is a name, as TERM or SIGTERM, or a number.

`;

/** Sends a signal: by the supervisor where it knows a letter for it, else to the process itself. */
export async function run(context: Context): Promise<number> {
  const line = readCommandLine(context, { help: HELP });
  const [text, ...names] = line.names;
  if (text === undefined) wrongCall(context, "no signal is named");
  const number = signalNumber(text);
  if (number === undefined) wrongCall(context, `${text}: there is no such signal`);
  const name = signalName(number);
  const letter = SIGNAL_LETTERS[name];
  return await change(context, line, {
    impossible: (observation) => {
      const { pid, state, isHosted } = observation;
      if (isForbidden(observation)) return undefined;
      if (pid === undefined) return `${state}: no process`;
      return isHosted && letter === undefined ? "it has no process of its own" : undefined;
    },
    act: (_, observation) =>
      letter === undefined
        ? sendToProcess(context, observation, number)
        : sendLetters(context.kernel, observation.place, letter),
    goal: () => undefined,
    told: `sent SIG${name}`,
  }, names);
}

/** The process is held before its id is looked at once more: it cannot be another one's by then. */
function sendToProcess({ kernel }: Context, { place, pid }: Observation, signal: number): void {
  // It may not be looked at.
  if (pid === undefined) throw new SystemError("open", ERRNO.EACCES);
  const pidFd = kernel.openProcess(pid);
  try {
    if (observe(kernel, place).pid !== pid) throw new SystemError("kill", ERRNO.ESRCH);
    kernel.signal(pidFd, signal);
  } finally {
    kernel.close(pidFd);
  }
}
