/**
 * The process title that shows what svscan and everything below it complain about: readproctitle,
 * which reads our standard error. We keep the reading end too, so that nobody who complains is
 * ended by SIGPIPE while readproctitle is started again.
 */

import { type Bytes, encode } from "../base/bytes.ts";
import { CWD } from "../base/kernel_constants.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import type { Host } from "../reactor/host.ts";
import type { Kernel } from "../system/kernel.ts";
import type { HandedTitle } from "./handover.ts";

const ARGV = ["readproctitle", "service", "errors:", ".".repeat(400)].map(encode);
/** Between two starts, in milliseconds. */
const RESTART_INTERVAL_MS = 1000;

/** What it works with. */
export interface TitleHost extends Pick<Host, "children" | "reactor" | "environment"> {
  /** The operating system. */
  readonly kernel: Pick<
    Kernel,
    "close" | "copyDescriptor" | "duplicate" | "openDirectory" | "openWrite" | "pipe"
  >;
}

/** A readproctitle that is started again when it ends. */
export class ErrorTitle {
  readonly #host: TitleHost;
  readonly #path: Bytes;
  readonly #readFd: number;
  readonly #errorFd: number;
  #pid: number | undefined;

  /**
   * Turns standard output and standard error into the title's input. What was standard error
   * becomes readproctitle's, which copies its input there.
   *
   * @param path of readproctitle
   * @param handed what a predecessor in this process had; absent when there is none
   */
  constructor(host: TitleHost, path: Bytes, handed?: HandedTitle) {
    this.#host = host;
    this.#path = path;
    if (handed !== undefined) {
      this.#readFd = handed.readFd;
      this.#errorFd = handed.errorFd;
      if (handed.pid === undefined) this.#start();
      else this.#pid = host.children.keep(handed.pid, () => this.#ended());
      return;
    }
    const { kernel } = host;
    const { readFd, writeFd } = kernel.pipe();
    this.#readFd = readFd;
    this.#errorFd = kernel.copyDescriptor(2);
    for (const fd of [1, 2]) kernel.duplicate(writeFd, fd);
    kernel.close(writeFd);
    this.#start();
  }

  /** What a successor in this process needs. */
  handOver(): HandedTitle {
    return { readFd: this.#readFd, errorFd: this.#errorFd, pid: this.#pid };
  }

  #start(): void {
    const { kernel, children, environment } = this.#host;
    const opened: number[] = [];
    try {
      const directoryFd = kernel.openDirectory(CWD, "/");
      opened.push(directoryFd);
      const stdoutFd = kernel.openWrite(CWD, "/dev/null");
      opened.push(stdoutFd);
      const descriptors = [{ from: this.#errorFd, to: 2 }];
      const plan = { path: this.#path, argv: ARGV, environment, directoryFd, descriptors };
      this.#pid = children.start(
        { ...plan, stdinFd: this.#readFd, stdoutFd, isOurs: true },
        () => this.#ended(),
      );
    } catch (error) {
      // Nobody reads what could be said of it; what was said until then waits in the pipe.
      ignoreSystemError(error);
      this.#ended();
    } finally {
      for (const fd of opened) kernel.close(fd);
    }
  }

  #ended(): void {
    this.#pid = undefined;
    this.#host.reactor.after(RESTART_INTERVAL_MS, () => this.#start());
  }
}
