/** Starting `./run`. */

import { encode } from "../base/bytes.ts";
import { startChild } from "./child_process.ts";
import type { SupervisionHost } from "./host.ts";
import type { ServicePlace } from "./service_place.ts";
import type { OnProcessEnd, ServiceProcess } from "./service_process.ts";

const RUN = "./run";
const ARGV = [encode(RUN)];

/**
 * Starts `./run` in its directory, or what does its work.
 *
 * @param directoryFd the service directory
 * @param stdoutFd what becomes its standard output; ours if absent
 * @param onEnd told of its end; never called before this returns
 * @throws {SystemError} when it cannot be started
 */
export function startRun(
  host: SupervisionHost,
  place: ServicePlace,
  { directoryFd, stdoutFd }: { directoryFd: number; stdoutFd: number | undefined },
  onEnd: OnProcessEnd,
): ServiceProcess {
  const hosted = place.startHosted?.(directoryFd, onEnd);
  if (hosted !== undefined) return hosted;
  const { environment } = host;
  const { stdinFd } = place;
  const plan = { path: RUN, argv: ARGV, environment, directoryFd, stdinFd, stdoutFd };
  return startChild(host, plan, onEnd);
}
