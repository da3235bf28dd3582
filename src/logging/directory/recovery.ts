/**
 * Recovery: what is done with the files that an earlier run left.
 *
 * The owner's execute bit of `current` says that the run before this one ended well. Without it,
 * whatever is there gets a name of its own: nothing is thrown away that was not kept elsewhere.
 */

import type { MessagePart } from "../../base/messages.ts";
import { unlessMissing } from "../../base/system_error.ts";
import type { LogKernel } from "../stream_context.ts";
import type { Attempt, LockedDirectory } from "./locked_directory.ts";
import type { LogFolder } from "./log_folder.ts";
import type { OldLogs } from "./old_logs.ts";

const OWNER_EXECUTE = 0o100;
const IN_USE_MODE = 0o644;

/** The `current` of a directory, opened for appending. */
export interface OpenedCurrent {
  /** Its descriptor. */
  readonly fd: number;
  /** How much is in it, in bytes. */
  readonly size: number;
}

async function attemptLater(
  attempt: Attempt,
  parts: readonly MessagePart[],
  work: Promise<unknown>,
): Promise<void> {
  try {
    await work;
  } catch (error) {
    attempt(parts, () => {
      throw error;
    });
  }
}

function removeIfThere(kernel: LogKernel, directoryFd: number, file: string): void {
  unlessMissing(() => kernel.unlink(directoryFd, file));
}

/**
 * Finishes `previous` and `processed`, which a run left behind that did not end well.
 *
 * @throws {SystemError} when they cannot be looked at
 * @throws {GivenUp} when the directory is removed meanwhile
 */
export async function finishLeftOvers(
  { context: { kernel }, fd, oldLogs }: LogFolder & { readonly oldLogs: OldLogs },
): Promise<void> {
  const processed = unlessMissing(() => kernel.statLink(fd, "processed"));
  if (processed?.kind === "file" && (processed.permissions & OWNER_EXECUTE) !== 0) {
    // The processor had succeeded: its output counts, and its input is not needed any more.
    removeIfThere(kernel, fd, "previous");
    await oldLogs.finish("processed", "s");
  } else {
    if (processed?.kind === "directory") await oldLogs.finish("processed", "u");
    else removeIfThere(kernel, fd, "processed");
    await oldLogs.finish("previous", "u");
  }
}

/**
 * Opens `current` for appending, after recovery if the run before this one did not end well.
 *
 * @throws what `attempt` throws when a step fails
 */
export async function openCurrent(
  directory: LockedDirectory,
  attempt: Attempt,
): Promise<OpenedCurrent> {
  const { context: { kernel }, fd: directoryFd, name, oldLogs } = directory;
  const status = attempt(
    ["unable to stat ", name, "/current"],
    () => unlessMissing(() => kernel.stat(directoryFd, "current")),
  );
  const wasClean = status !== undefined && (status.permissions & OWNER_EXECUTE) !== 0;
  if (!wasClean) {
    attempt(["unable to write to ", name, "/state"], () => {
      removeIfThere(kernel, directoryFd, "state");
      removeIfThere(kernel, directoryFd, "newstate");
    });
    await attemptLater(
      attempt,
      ["unable to stat ", name, "/processed"],
      finishLeftOvers(directory),
    );
    await attemptLater(
      attempt,
      ["unable to stat ", name, "/current"],
      oldLogs.finish("current", "u"),
    );
    attempt(["unable to write to ", name, "/state"], () => {
      kernel.close(kernel.openTruncate(directoryFd, "state"));
    });
  }
  const fd = attempt(
    ["unable to append to ", name, "/current"],
    () => kernel.openAppend(directoryFd, "current"),
  );
  try {
    attempt(["unable to set mode of ", name, "/current"], () => kernel.fchmod(fd, IN_USE_MODE));
    const { size } = attempt(["unable to stat ", name, "/current"], () => kernel.statFd(fd));
    return { fd, size };
  } catch (error) {
    kernel.close(fd);
    throw error;
  }
}
