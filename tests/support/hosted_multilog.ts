/**
 * multilog by way of a log host, for whoever calls it like multilog: the same arguments, standard
 * input, working directory, signals and exit code.
 *
 * usage: deno run --allow-all hosted_multilog.ts EXECUTABLE [ ACTION ... ]
 */

import { encode } from "../../src/base/bytes.ts";
import { CWD } from "../../src/base/kernel_constants.ts";
import { SIGNAL } from "../../src/base/signals.ts";
import { createHost } from "../../src/reactor/host.ts";
import { forSupervision } from "../../src/supervision/host.ts";
import { DescriptorStore } from "../../src/supervision/descriptor_store.ts";
import { LogHosts } from "../../src/supervision/log_hosts.ts";
import { ownEnvironment } from "../../src/system/linux/exec_arguments.ts";
import type { Kernel } from "../../src/system/kernel.ts";
import { linuxKernel } from "../../src/system/linux/linux_kernel.ts";

const [executable = "", ...args] = Deno.args;
const kernel: Kernel = {
  ...linuxKernel(),
  // Ours needs a process without other threads, which only the compiled executable is.
  onSignal: (name, handler) => Deno.addSignalListener(name, handler),
};
const store = new DescriptorStore(kernel);
const host = forSupervision(
  createHost({
    program: "multilog",
    kernel,
    environment: ownEnvironment(),
    execAttributes: { limits: [], descriptors: [] },
    describeBug: (error) => Promise.resolve(String(error)),
  }),
  store,
);
const log = {
  executable: encode(executable),
  account: undefined,
  args: args.map(encode),
  joinsErrorToOutput: false,
  mounts: [],
  descriptors: 6,
};
const hosts = new LogHosts(host, () => log);
let status: number | undefined;
const place = { inputFd: 0, directoryFd: kernel.openDirectory(CWD, ".") };
const stream = hosts.start(place, (waitStatus) => status = waitStatus)!;
for (const [name, signal] of [["SIGTERM", SIGNAL.TERM], ["SIGALRM", SIGNAL.ALRM]] as const) {
  kernel.onSignal(name, () => host.reactor.post(() => stream.signal(signal)));
}
await host.reactor.run(() => status !== undefined && hosts.isIdle);
Deno.exit((status! & 0x7f) !== 0 ? 128 + (status! & 0x7f) : status! >> 8);
