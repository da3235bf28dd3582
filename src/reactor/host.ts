/** What programs that stay have in common: an event loop, and messages that never make it wait. */

import { type Bytes, encode } from "../base/bytes.ts";
import { createReporter } from "../base/messages.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import { type Context, writeFully } from "../system/context.ts";
import type { Kernel, SlowFiles } from "../system/kernel.ts";
import { Children } from "./children.ts";
import { Reactor } from "./reactor.ts";

const STANDARD_ERROR = 2;

/** What an engine works with; shared by all of a process. */
export interface Host {
  /** The operating system. */
  readonly kernel: Kernel;
  /** The event loop. */
  readonly reactor: Reactor;
  /** Where child processes are started. */
  readonly children: Children;
  /** What children get as environment. */
  readonly environment: readonly Bytes[];
  /** Prints a message without ever waiting. */
  readonly report: (line: Bytes) => void;
  /** Tells what an error says that nobody expects, and where it came up. */
  readonly describeBug: (error: unknown) => Promise<string>;
}

/** Sets up an event loop and what an engine needs around it. */
export function createHost(
  { program, kernel, environment, execAttributes, describeBug: describe }: Pick<
    Context,
    "program" | "kernel" | "environment" | "execAttributes" | "describeBug"
  >,
): Host {
  const report = nonWaitingOutput(program, kernel, STANDARD_ERROR);
  const reactor = new Reactor(kernel.newPoller(), kernel, async (error) => {
    report(encode(`${program}: warning: this is a bug: ${await describeBug(error)}\n`));
  });
  const describeBug = (error: unknown): Promise<string> => {
    const description = describe(error).catch(() => stackOf(error));
    reactor.noteSlowWork(description);
    return description;
  };
  const slow = notingSlowWork(kernel, reactor);
  const children = new Children(kernel, reactor, execAttributes);
  return { kernel: { ...kernel, ...slow }, reactor, children, environment, report, describeBug };
}

/** What is told of a bug whose place in our source cannot be found. */
function stackOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/** Slow work of which the event loop takes note. */
function notingSlowWork(kernel: SlowFiles, reactor: Reactor): SlowFiles {
  const noting = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => (...args: A) => {
    const work = call(...args);
    reactor.noteSlowWork(work);
    return work;
  };
  return {
    writeLater: noting(kernel.writeLater),
    fsyncLater: noting(kernel.fsyncLater),
    touchLater: noting(kernel.touchLater),
    statLater: noting(kernel.statLater),
    renameToItselfLater: noting(kernel.renameToItselfLater),
  };
}

/**
 * Prints messages without ever waiting for who reads them: a stuck reader of standard error must
 * not stop supervision. What had no room is counted, and told when there is room again.
 *
 * @param program who says that something had no room
 * @param fd where messages go
 */
export function nonWaitingOutput(
  program: string,
  kernel: Kernel,
  fd: number,
): (line: Bytes) => void {
  const write = (line: Bytes): void => {
    try {
      writeFully(kernel, fd, line);
    } catch (error) {
      // That nobody can be told is no reason to stop.
      ignoreSystemError(error);
    }
  };
  const reporter = createReporter(program, write);
  let dropped = 0;
  return (line) => {
    if (!kernel.isWritable(fd)) {
      dropped++;
      return;
    }
    if (dropped > 0) {
      reporter.warning([`${dropped} messages had no room here`]);
      dropped = 0;
    }
    write(line);
  };
}
