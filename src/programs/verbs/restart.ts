/** daemontools restart: end services and start them again, and wait until they are up. */

import { change, CHANGE_OPTIONS, sending } from "../../console/changing.ts";
import { readCommandLine } from "../../console/command_line.ts";
import { UpGoal } from "../../observation/goal.ts";
import { saysReady } from "../../observation/readiness_files.ts";
import type { Context } from "../../system/context.ts";

const HELP = `${CHANGE_OPTIONS.help}\
      --one-by-one     wait for each to be up, or ready, before the next;
                       stop at a failure
`;

/** Restarts services that are up, and starts those that are down. */
export async function run(context: Context): Promise<number> {
  const line = readCommandLine(context, {
    ...CHANGE_OPTIONS,
    flags: [...CHANGE_OPTIONS.flags, "one-by-one"],
    help: HELP,
  });
  return await change(context, line, {
    // A paused one cannot end before it goes on; one that is wanted down is wanted up from now on.
    act: sending(({ pid }) => pid === undefined ? "u" : "utc"),
    goal: ({ place, pid }, asked) =>
      new UpGoal({ asked, before: pid, saysReady: saysReady(context.kernel, place.path) }),
    told: "told to restart",
  });
}
