/** daemontools add: put service directories under supervision, and wait until they are up. */

import { addServices } from "../../console/adding.ts";
import { CHANGE_OPTIONS } from "../../console/changing.ts";
import { readCommandLine, wrongCall } from "../../console/command_line.ts";
import { Services } from "../../console/services.ts";
import type { Context } from "../../system/context.ts";

const TIMEOUT_SECONDS = 10;

/** Links directories into the services' directory. */
export async function run(context: Context): Promise<number> {
  const line = readCommandLine(context, CHANGE_OPTIONS);
  if (line.names.length === 0) wrongCall(context, "no service directory is named");
  return await addServices(context, line.names, {
    directory: new Services(context, line).first,
    timeoutSeconds: line.number("timeout") ?? TIMEOUT_SECONDS,
    noWait: line.flag("no-wait"),
  });
}
