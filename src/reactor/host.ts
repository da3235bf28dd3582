/** What programs that stay have in common: an event loop, and messages that never make it wait. */

import { type Bytes, encode } from "../base/bytes.ts";
import { createReporter } from "../base/messages.ts";
import { complain, type Context } from "../system/context.ts";
import type { Kernel, SlowFiles } from "../system/kernel.ts";
import { Children } from "./children.ts";
import { Reactor } from "./reactor.ts";

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
}

/** Sets up an event loop and what an engine needs around it. */
export function createHost({ program, kernel, environment, execAttributes }: Context): Host {
  const report = nonWaitingOutput(program, kernel);
  const reactor = new Reactor(kernel.newPoller(), kernel, (error) => {
    const stack = error instanceof Error ? error.stack ?? error.message : String(error);
    report(encode(`${program}: warning: this is a bug: ${stack}\n`));
  });
  const slow = wakingAtSlowWork(kernel, () => reactor.wakeWait());
  const children = new Children(kernel, reactor, execAttributes);
  return { kernel: { ...kernel, ...slow }, reactor, children, environment, report };
}

/**
 * Slow work that ends the wait under way: if the runtime cannot make another thread, its only one
 * is the one that waits.
 */
function wakingAtSlowWork(kernel: SlowFiles, wake: () => void): SlowFiles {
  return {
    writeLater(fd, from) {
      const written = kernel.writeLater(fd, from);
      wake();
      return written;
    },
    fsyncLater(fd) {
      const synced = kernel.fsyncLater(fd);
      wake();
      return synced;
    },
  };
}

/**
 * Prints messages without ever waiting for who reads them: a stuck reader of standard error must
 * not stop supervision. What had no room is counted, and told when there is room again.
 */
function nonWaitingOutput(program: string, kernel: Kernel): (line: Bytes) => void {
  const reporter = createReporter(program, (line) => complain(kernel, line));
  let dropped = 0;
  return (line) => {
    if (!kernel.isWritable(2)) {
      dropped++;
      return;
    }
    if (dropped > 0) {
      reporter.warning([`${dropped} messages had no room here`]);
      dropped = 0;
    }
    complain(kernel, line);
  };
}
