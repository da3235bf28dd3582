/** daemontools once: start services that are not started again when they end. */

import { change, CHANGE_OPTIONS, sending } from "../../console/changing.ts";
import { readCommandLine } from "../../console/command_line.ts";
import { UpGoal } from "../../observation/goal.ts";
import { saysReady } from "../../observation/readiness_files.ts";
import type { Context } from "../../system/context.ts";

/** Starts services once; one that has ended well by then is done, too. */
export async function run(context: Context): Promise<number> {
  const line = readCommandLine(context, CHANGE_OPTIONS);
  return await change(context, line, {
    act: sending(() => "o"),
    goal: ({ place }, asked) =>
      new UpGoal({ asked, once: true, saysReady: saysReady(context.kernel, place.path) }),
    told: "told to run once",
  });
}
