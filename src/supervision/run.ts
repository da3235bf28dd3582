/** Starting `./run`. */

import { encode } from "../base/bytes.ts";
import { startChild } from "./child_process.ts";
import type { SupervisionHost } from "./host.ts";
import type { StartAdditions } from "./readiness/readiness.ts";
import type { ServicePlace } from "./service_place.ts";
import type { OnProcessEnd, ServiceProcess } from "./service_process.ts";

const RUN = "./run";
const ARGV = [encode(RUN)];

/** What a process is started with. */
export interface RunDescriptors {
  /** The service directory. */
  readonly directoryFd: number;
  /** What becomes its standard output; ours if absent. */
  readonly stdoutFd: number | undefined;
  /** What it gets to say how it is. */
  readonly additions: StartAdditions;
}

/**
 * Starts `./run` in its directory, or what does its work.
 *
 * @param onEnd told of its end; never called before this returns
 * @throws {SystemError} when it cannot be started
 */
export function startRun(
  host: SupervisionHost,
  place: ServicePlace,
  { directoryFd, stdoutFd, additions }: RunDescriptors,
  onEnd: OnProcessEnd,
): ServiceProcess {
  const hosted = place.startHosted?.(directoryFd, onEnd);
  if (hosted !== undefined) return hosted;
  const { descriptors, variables } = additions;
  const environment = [...variables, ...host.environment];
  const { stdinFd } = place;
  const plan = { path: RUN, argv: ARGV, environment, directoryFd, stdinFd, stdoutFd, descriptors };
  return startChild(host, plan, onEnd);
}
