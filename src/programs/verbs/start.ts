/** daemontools start: have services up, and wait until they are. */

import { change, CHANGE_OPTIONS, sending } from "../../console/changing.ts";
import { readCommandLine } from "../../console/command_line.ts";
import { UpGoal } from "../../observation/goal.ts";
import { saysReady } from "../../observation/readiness_files.ts";
import type { Context } from "../../system/context.ts";

/** Starts services that are down. A service is up when it has been so for a second, or is ready. */
export async function run(context: Context): Promise<number> {
  const line = readCommandLine(context, CHANGE_OPTIONS);
  return await change(context, line, {
    act: sending(() => "u"),
    goal: ({ place }, asked) =>
      new UpGoal({ asked, saysReady: saysReady(context.kernel, place.path) }),
    told: "told to start",
  });
}
