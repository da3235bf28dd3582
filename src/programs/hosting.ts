/** What svscan and supervise have in common: the tools that every supervisor works with. */

import { type Bytes, encode } from "../base/bytes.ts";
import { messageLine } from "../base/messages.ts";
import { Children } from "../reactor/children.ts";
import { Reactor } from "../reactor/reactor.ts";
import type { SupervisorTools } from "../supervision/supervisor.ts";
import { complain, type Context } from "../system/context.ts";
import type { Kernel } from "../system/kernel.ts";

/** Sets up an event loop and what supervisors need around it. */
export function hostSupervisors({ program, kernel, environment }: Context): SupervisorTools {
  const report = reporter(program, kernel);
  const reactor = new Reactor(kernel.newPoller(), kernel, (error) => {
    const story = error instanceof Error ? error.stack ?? error.message : String(error);
    report(encode(`${program}: warning: this is a bug: ${story}\n`));
  });
  return { kernel, reactor, children: new Children(kernel, reactor), environment, report };
}

/**
 * Prints messages without ever waiting for who reads them: a stuck reader of standard error must
 * not stop supervision. What had no room is counted, and told when there is room again.
 */
function reporter(program: string, kernel: Kernel): (line: Bytes) => void {
  let dropped = 0;
  return (line) => {
    if (!kernel.isWritable(2)) {
      dropped++;
      return;
    }
    if (dropped > 0) {
      complain(kernel, messageLine(program, "warning", [`${dropped} messages had no room here`]));
      dropped = 0;
    }
    complain(kernel, line);
  };
}
