/** daemontools reload: have services read their configuration again, by SIGHUP. */

import { change, sending } from "../../console/changing.ts";
import { readCommandLine } from "../../console/command_line.ts";
import type { Context } from "../../system/context.ts";

/** Sends SIGHUP. What a service makes of it is its own affair, so there is nothing to wait for. */
export async function run(context: Context): Promise<number> {
  const line = readCommandLine(context, { help: "Sends SIGHUP to each service.\n\n" });
  return await change(context, line, {
    impossible: ({ pid, state }) => pid === undefined ? `${state}: nothing to reload` : undefined,
    act: sending(() => "h"),
    goal: () => undefined,
    told: "sent SIGHUP",
  });
}
