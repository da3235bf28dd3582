/** Services that this user may not look at. */

import { encode } from "../base/bytes.ts";
import { NO_RIGHT, type Observation } from "../observation/observe.ts";
import { complain, type Context } from "../system/context.ts";

/** Whether nothing is known of a service because this user may not look at it. */
export function isForbidden({ why }: Observation): boolean {
  return why === NO_RIGHT;
}

/** Says once, not for each service, that rights are missing. */
export function sayMissingRights(
  { kernel, program }: Context,
  observations: readonly Observation[],
): void {
  if (!observations.some(isForbidden) || Deno.uid() === 0) return;
  const text = "what is unknown may not be looked at by this user: ask as root";
  complain(kernel, encode(`${program}: ${text}\n`));
}
