/** Log hosts on a fake kernel, for tests. */

import { encode } from "../../src/base/bytes.ts";
import {
  decodeCommand,
  encodeReport,
  type HostCommand,
  type HostReport,
} from "../../src/base/log_host_messages.ts";
import { type HostedLog, LogHosts, type StreamPlace } from "../../src/supervision/log_hosts.ts";
import type { ServiceProcess } from "../../src/supervision/service_process.ts";
import { Engine } from "./engine.ts";
import type { FakeProcess } from "./fake_kernel.ts";

/** Log hosts on a fake kernel, with directories and pipes for streams. */
export class LogHostsWorld extends Engine {
  /** What the run script of the next logger asks for. */
  wanted: HostedLog | undefined;
  readonly hosts: LogHosts;
  /** The ends of streams, in order: name and wait status. */
  readonly ends: [name: string, waitStatus: number | undefined][] = [];

  /** @param descriptorLimit how many descriptors svscan and each host may have */
  constructor(descriptorLimit = 1024n) {
    super();
    this.fake.descriptorLimit = descriptorLimit;
    this.hosts = new LogHosts(this.host, () => this.wanted);
  }

  /** What the run script of a logger asks for. */
  log(log: Partial<HostedLog> = {}): HostedLog {
    return {
      executable: encode("/command/multilog"),
      account: undefined,
      args: [encode("t"), encode("./main")],
      joinsErrorToOutput: false,
      mounts: ["/"],
      descriptors: 6,
      ...log,
    };
  }

  /** Starts a logger as a stream. */
  open(name: string, log: Partial<HostedLog> = {}): ServiceProcess {
    this.wanted = this.log(log);
    return this.hosts.start(this.#place(name), (status) => this.ends.push([name, status]))!;
  }

  /** Lets a host hold the pipe of such a logger. */
  hold(name: string): void {
    this.hosts.hold(this.#place(name));
  }

  #place(name: string): StreamPlace {
    this.fake.addDirectory(`/${name}/log`);
    const directoryFd = this.fake.openDirectory(-100, `/${name}/log`);
    return { inputFd: this.fake.pipe().readFd, directoryFd };
  }

  /** The host that was started as the nth. */
  process(index: number): FakeProcess {
    return this.fake.started[index]!;
  }

  /** What a host was told since this was asked last, but that streams may begin. */
  async commands(index: number): Promise<HostCommand[]> {
    await this.settle();
    return this.allCommands(index).filter(({ kind }) => kind !== "begin");
  }

  /** All that a host was told until now since this was asked last. */
  allCommands(index: number): HostCommand[] {
    return this.fake.receivedBy(this.process(index)).map(({ data }) => decodeCommand(data)!);
  }

  /** Lets a host tell something. */
  async say(index: number, report: HostReport): Promise<void> {
    // It can tell of a stream only when it has got it.
    await this.settle();
    this.fake.sendFrom(this.process(index), encodeReport(report));
    await this.settle();
  }
}
