/**
 * The program that an old file goes through: `/bin/sh -c COMMAND` in the log directory, with
 * descriptors 0 (the old file), 1 (what takes its place), 4 (the state that the last run left) and
 * 5 (the state for the next one). Nothing of what it wrote counts until it has ended well.
 *
 * @see https://cr.yp.to/daemontools/multilog.html ("!processor")
 */

import { type Bytes, encode } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { messageLine } from "../base/messages.ts";
import { SIGNAL } from "../base/signals.ts";
import { errnoOf } from "../base/system_error.ts";
import type { LogHost, Persistence } from "./trouble.ts";

/** Which log, and which command. */
export interface ProcessorPlan {
  /** The log directory. */
  readonly directoryFd: number;
  /** Its name, for messages. */
  readonly path: Bytes;
  /** The command. */
  readonly command: Bytes;
}

/** The bits of a wait status that tell a signal. */
const SIGNAL_BITS = 0x7f;
/** The owner's execute bit says that a file is complete. */
const COMPLETE_MODE = 0o744;

/**
 * Runs the processor on `previous` until it succeeds. Afterwards its output is `processed`, complete
 * and on the disk, its state is `state`, and `previous` is gone.
 *
 * @throws {Moot} when the directory is gone
 */
export async function processPrevious(
  host: LogHost,
  plan: ProcessorPlan,
  persistence: Persistence,
): Promise<void> {
  const { kernel } = host;
  const { directoryFd, path } = plan;
  await runUntilItSucceeds(host, plan, persistence);
  for (const file of ["processed", "newstate"]) {
    const fd = await persistence.until(
      ["unable to create ", path, "/", file],
      () => kernel.openAppend(directoryFd, file),
    );
    try {
      await persistence.until(
        ["unable to write ", path, "/", file, " to disk"],
        () => kernel.fsyncLater(fd),
      );
      if (file === "processed") {
        await persistence.until(
          ["unable to set mode of ", path, "/processed"],
          () => kernel.fchmod(fd, COMPLETE_MODE),
        );
      }
    } finally {
      kernel.close(fd);
    }
  }
  await persistence.until(
    ["unable to remove ", path, "/previous"],
    () => kernel.unlink(directoryFd, "previous"),
  );
  await persistence.until(
    ["unable to rename newstate to state in directory ", path],
    () => kernel.rename(directoryFd, "newstate", "state"),
  );
}

async function runUntilItSucceeds(
  host: LogHost,
  plan: ProcessorPlan,
  persistence: Persistence,
): Promise<void> {
  const { path } = plan;
  for (;;) {
    const status = await runOnce(host, plan, persistence);
    if (status === 0) return;
    if (status !== null && (status & SIGNAL_BITS) !== 0) {
      await persistence.pause(["processor crashed in ", path], ERRNO.EINTR);
    }
    await persistence.pause(["processor failed in ", path]);
  }
}

/** One run; null says that it could not begin. */
async function runOnce(
  host: LogHost,
  { directoryFd, path, command }: ProcessorPlan,
  persistence: Persistence,
): Promise<number | null> {
  const { kernel } = host;
  const opened: number[] = [];
  const open = (fd: number) => {
    opened.push(fd);
    return fd;
  };
  try {
    let descriptors;
    try {
      const previousFd = open(kernel.openRead(directoryFd, "previous"));
      const processedFd = open(kernel.openTruncate(directoryFd, "processed"));
      // Someone may have removed it; an empty one is what a new directory has, too.
      open(kernel.openAppend(directoryFd, "state"));
      const stateFd = open(kernel.openRead(directoryFd, "state"));
      const newstateFd = open(kernel.openTruncate(directoryFd, "newstate"));
      descriptors = [
        { from: previousFd, to: 0 },
        { from: processedFd, to: 1 },
        { from: stateFd, to: 4 },
        { from: newstateFd, to: 5 },
      ];
    } catch (error) {
      host.report(messageLine("multilog", "fatal", ["unable to run ", command], errnoOf(error)));
      return null;
    }
    const argv = [encode("sh"), encode("-c"), command];
    const { environment } = host;
    return await new Promise<number>((resolve, reject) => {
      try {
        const unblockedSignals = [SIGNAL.TERM, SIGNAL.ALRM];
        const plan = { path: "/bin/sh", argv, environment, directoryFd };
        const shell = { ...plan, descriptors, unblockedSignals };
        host.children.start(shell, resolve);
      } catch (error) {
        reject(error);
      }
    });
  } catch (error) {
    await persistence.pause(["unable to fork for processor in ", path], errnoOf(error));
    return runOnce(host, { directoryFd, path, command }, persistence);
  } finally {
    for (const fd of opened) kernel.close(fd);
  }
}
