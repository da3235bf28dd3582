/**
 * Limits that are carried past our own executable. The runtime could not start under them, so an
 * execution of it gets them as the last entry of its environment, which main.ts takes away again.
 */

import { type Bytes, concat, decode, encode, startsWith } from "../base/bytes.ts";
import type { ExecAttributes } from "./kernel.ts";

type Limits = ExecAttributes["limits"];

const NAME = "DAEMONTOOLS_CARRIED_LIMITS";
const FIELDS = /^(?:\d{1,2}:\d{1,20}:\d{1,20},)+$/;

/** An environment that carries limits: `RESOURCE:SOFT:HARD,` for each. */
export function withCarriedLimits(environment: readonly Bytes[], limits: Limits): readonly Bytes[] {
  if (limits.length === 0) return environment;
  const fields = limits.map(({ resource, limit }) => `${resource}:${limit.soft}:${limit.hard},`);
  return [...environment, concat(`${NAME}=`, ...fields)];
}

/** Takes carried limits out of an environment. One that only looks like it stays where it is. */
export function takeCarriedLimits(
  environment: readonly Bytes[],
): { readonly environment: readonly Bytes[]; readonly limits: Limits } {
  const prefix = encode(`${NAME}=`);
  const last = environment.at(-1);
  if (!last || !startsWith(last, prefix)) return { environment, limits: [] };
  const fields = decode(last.subarray(prefix.length));
  if (!FIELDS.test(fields)) return { environment, limits: [] };
  const limits = fields.split(",").slice(0, -1).map((field) => {
    const [resource = "", soft = "", hard = ""] = field.split(":");
    return { resource: Number(resource), limit: { soft: BigInt(soft), hard: BigInt(hard) } };
  });
  return { environment: environment.slice(0, -1), limits };
}
