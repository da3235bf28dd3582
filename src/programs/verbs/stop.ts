/** daemontools stop: have services down, and wait until they are. */

import { change, CHANGE_OPTIONS, sending } from "../../console/changing.ts";
import { readCommandLine } from "../../console/command_line.ts";
import { DownGoal } from "../../observation/goal.ts";
import type { Context } from "../../system/context.ts";

/** Stops services with TERM, and has them stay down. */
export async function run(context: Context): Promise<number> {
  const line = readCommandLine(context, CHANGE_OPTIONS);
  return await change(context, line, {
    act: sending(() => "d"),
    goal: () => new DownGoal(),
    told: "told to end",
  });
}
