/** Why a service cannot be started, for the end of a sentence. */

import { checkRun } from "../observation/checks/run_checks.ts";
import type { Observation } from "../observation/observe.ts";
import type { Context } from "../system/context.ts";
import { withoutControls } from "./screen.ts";

/** What is wrong with `run`, behind a colon; empty when nothing is found, or that is not why. */
export function runTrouble({ kernel }: Context, observation: Observation): string {
  if (observation.why !== "no-run") return "";
  const [finding] = checkRun(kernel, { observation, isRoot: false })
    .filter(({ code }) => code.startsWith("run-"));
  return finding === undefined ? "" : `: ${withoutControls(finding.problem)}`;
}
