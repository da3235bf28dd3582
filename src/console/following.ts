/** Following the logs of services while they are written: rotation, and services that come later. */

import type { Timestamp } from "../base/tai64n.ts";
import { compareTimes } from "../observation/line_time.ts";
import { logDirectoriesOf, possibleLogDirectories } from "../observation/log_directories.ts";
import { LogFollower } from "../observation/log_follower.ts";
import { mergeLogs } from "../observation/log_merge.ts";
import { type LogLine, readLogFiles } from "../observation/log_reader.ts";
import type { ServicePlace } from "../observation/observe.ts";
import { ServiceWatch } from "../observation/service_watch.ts";
import { createHost } from "../reactor/host.ts";
import type { Context } from "../system/context.ts";

/** A line with the service that it comes from. */
export interface NamedLine extends LogLine {
  /** The service's name. */
  readonly name: string;
}

/** What is followed, and how it is shown. */
export interface FollowPlan {
  /** Which services there are now; asked again whenever that may have changed. */
  readonly places: () => readonly ServicePlace[];
  /** Directories whose services these are. */
  readonly directories: readonly string[];
  /** How many of the lines that are there already are shown. */
  readonly last: number;
  /** None from before this. */
  readonly since: Timestamp | undefined;
  /** Which lines are shown. */
  readonly keep: (line: LogLine) => boolean;
  /** Shows lines, which are in order of time. */
  readonly show: (lines: readonly NamedLine[]) => void;
}

/** Gives lines their service's name. */
export function named(name: string, lines: readonly LogLine[]): NamedLine[] {
  return lines.map((line) => ({ ...line, name }));
}

/**
 * Follows logs, until `show` throws.
 *
 * @throws what `show` throws, as when nobody reads any more
 */
export async function follow(context: Context, plan: FollowPlan): Promise<never> {
  const host = createHost(context);
  const watch = new ServiceWatch(host);
  const started = host.kernel.now();
  const followers = new Map<string, { name: string; follower: LogFollower }>();
  const dirty = new Set<string>();
  let mustScan = false;
  let isWorking = false;
  let failure: unknown;

  /** Finds logs, and watches what may bring others. */
  const scan = async (isFirst: boolean): Promise<NamedLine[][]> => {
    for (const each of plan.directories) watch.addDirectory(each, () => touch());
    const found: NamedLine[][] = [];
    for (const { name, path } of plan.places()) {
      for (const each of [path, `${path}/log`]) watch.addDirectory(each, () => touch());
      for (const directory of possibleLogDirectories(host.kernel, path)) {
        // One without a `current` is no log yet.
        watch.addDirectory(
          directory,
          () => touch(followers.has(directory) ? directory : undefined),
        );
      }
      for (const directory of logDirectoriesOf(host.kernel, path)) {
        if (followers.has(directory)) continue;
        const follower = new LogFollower(host.kernel, directory);
        followers.set(directory, { name, follower });
        const { finished, lines } = follower.open();
        const since = isFirst ? plan.since : started;
        const query = { last: plan.last, keep: plan.keep, ...(since ? { since } : {}) };
        const older = await readLogFiles(host.kernel, finished, query);
        const wanted = lines.filter((line) =>
          plan.keep(line) &&
          (since === undefined || line.at === undefined || compareTimes(line.at, since) >= 0)
        );
        found.push(named(name, [...older, ...wanted]));
      }
    }
    return found;
  };

  const showChanges = async (): Promise<void> => {
    const found: NamedLine[][] = [];
    const directories = [...dirty];
    dirty.clear();
    for (const directory of directories) {
      const each = followers.get(directory);
      if (each === undefined) continue;
      found.push(named(each.name, (await each.follower.next()).filter(plan.keep)));
    }
    if (mustScan) {
      mustScan = false;
      found.push(...await scan(false));
    }
    const lines = mergeLogs(found);
    if (lines.length > 0) plan.show(lines);
  };

  const work = async (): Promise<void> => {
    isWorking = true;
    try {
      while (dirty.size > 0 || mustScan) await showChanges();
    } catch (error) {
      failure = { error };
    }
    // Right after the last look at what is left to do: no change falls between.
    isWorking = false;
    host.reactor.post(() => {});
  };

  const touch = (directory?: string): void => {
    if (directory === undefined) mustScan = true;
    else dirty.add(directory);
    if (!isWorking) work();
  };

  isWorking = true;
  const first = mergeLogs(await scan(true));
  plan.show(plan.last === Infinity ? first : first.slice(Math.max(0, first.length - plan.last)));
  // What came while that was read, and before it was watched.
  for (const directory of followers.keys()) touch(directory);
  work();
  await host.reactor.run(() => failure !== undefined);
  watch.close();
  for (const { follower } of followers.values()) follower.close();
  throw (failure as { error: unknown }).error;
}
