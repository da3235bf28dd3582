/**
 * How a service says that it is ready, and how it is. It is asked for by files in its directory:
 * `notification-fd` (a pipe, as in s6), `notify-socket` (a socket, as of systemd), and an executable
 * `check`, which is asked. With `watchdog`, a number of milliseconds, it must say over its socket at
 * least as often that it is alive.
 *
 * It follows the service and changes nothing of its state, but that a service which hangs is ended.
 */

import { type Bytes, concat, encode } from "../../base/bytes.ts";
import { CWD } from "../../base/kernel_constants.ts";
import type { Reporter } from "../../base/messages.ts";
import { SystemError, unlessMissing } from "../../base/system_error.ts";
import type { ExecAttributes, ProcessFacts } from "../../system/kernel.ts";
import type { SupervisionHost } from "../host.ts";
import type { Happening, Observer } from "../observer.ts";
import type { ServiceDirectory } from "../service_directory.ts";
import type { Settings } from "../settings.ts";
import { CheckProgram } from "./check_program.ts";
import type { Sender } from "./membership.ts";
import { NotificationPipe } from "./notification_pipe.ts";
import type { Notification } from "./notify_message.ts";
import { NotifySocket } from "./notify_socket.ts";
import { Watchdog } from "./watchdog.ts";

const STATUS_FILE = "supervise/status-text";
const EXECUTABLE_BITS = 0o111;
/** One line for people is shown; more would be somebody's mistake. */
const LONGEST_STATUS = 256;

/** What a service gets at its start, on top. */
export interface StartAdditions {
  /** Descriptors with the numbers that they are to have. */
  readonly descriptors: ExecAttributes["descriptors"];
  /** Environment variables, which take precedence. */
  readonly variables: readonly Bytes[];
}

/** What readiness tells, and asks for. */
export interface ReadinessCalls {
  /** Something has happened, for the history. */
  readonly tell: (happening: Happening) => void;
  /** The service hangs: it is to be ended. */
  readonly hang: () => void;
  /** Another process is the service from now on; false when it has ended meanwhile. */
  readonly follow: (facts: ProcessFacts) => boolean;
  /** It takes at least so long to end, in milliseconds, if it was told to. */
  readonly extendTimeout: (timeoutMs: number) => void;
}

/** Follows one service. */
export class Readiness implements Observer {
  readonly #host: SupervisionHost;
  readonly #directory: ServiceDirectory;
  readonly #settings: Settings;
  readonly #reporter: Reporter;
  readonly #calls: ReadinessCalls;
  #watchdog: Watchdog | undefined;
  #pipe: NotificationPipe | undefined;
  #socket: NotifySocket | undefined;
  #check: CheckProgram | undefined;
  #pid = 0;
  #isReady = false;
  #statusText: string | undefined;
  /** Whether it was told that `MAINPID` makes no sense. */
  #hasWarned = false;

  constructor(
    host: SupervisionHost,
    directory: ServiceDirectory,
    { settings, reporter }: { settings: Settings; reporter: Reporter },
    calls: ReadinessCalls,
  ) {
    this.#host = host;
    this.#directory = directory;
    this.#settings = settings;
    this.#reporter = reporter;
    this.#calls = calls;
  }

  /**
   * Goes on with the pipe over which the service will tell a predecessor in this process that it is
   * ready.
   */
  goOnWith(readFd: number): void {
    this.#pipe = new NotificationPipe(this.#host, () => this.#ready(), readFd);
    this.#attempt(() => this.#pipe?.begin());
  }

  /** The reading end of the pipe over which the service will say that it is ready. */
  get pipeFd(): number | undefined {
    return this.#pipe?.readFd;
  }

  /** How many descriptors it holds open. */
  get descriptorCount(): number {
    return (this.pipeFd === undefined ? 0 : 1) + (this.#socket === undefined ? 0 : 1);
  }

  /** Opens what the service is to be started with. That something cannot be had is told. */
  prepare(): StartAdditions {
    this.close();
    const variables: Bytes[] = [];
    const number = this.#settings.notificationFd;
    if (number !== undefined) {
      this.#pipe = this.#attempt(() => new NotificationPipe(this.#host, () => this.#ready()));
    }
    if (this.#settings.wantsNotifySocket) {
      this.#openSocket();
      const intervalMs = this.#settings.watchdogMs;
      if (this.#socket !== undefined) variables.push(this.#socket.variable);
      if (intervalMs !== undefined) variables.push(encode(`WATCHDOG_USEC=${intervalMs * 1000}`));
    }
    const writeFd = this.#pipe?.writeFd;
    const descriptors = number === undefined || writeFd === undefined
      ? []
      : [{ from: writeFd, to: number }];
    return { descriptors, variables };
  }

  happened(happening: Happening): void {
    switch (happening.event) {
      case "start":
        return this.#started(happening.pid);
      case "adopted":
        return this.#adopted(happening.pid);
      case "main":
        return this.#mainChanged(happening.pid);
      case "exit":
        this.close();
    }
  }

  /** Takes what the service has said over its socket, and nobody has read yet. */
  hear(): void {
    this.#socket?.receiveIfPossible();
  }

  close(): void {
    this.#pipe?.close();
    this.#socket?.close();
    this.#check?.close();
    this.#watchdog?.stop();
    this.#pipe = this.#socket = this.#check = undefined;
    this.#pid = 0;
    this.#isReady = this.#hasWarned = false;
    this.#statusText = undefined;
  }

  #started(pid: number): void {
    this.#begin(pid);
    this.#attempt(() => this.#pipe?.begin());
    this.#askCheck();
  }

  /**
   * What was ready stays so. What was not can still say it: the socket gets the same name, and the
   * pipe, unless it was handed over, is found at the service's end.
   */
  #adopted(pid: number): void {
    if (this.#settings.wantsNotifySocket) this.#openSocket();
    this.#begin(pid);
    this.#askCheck();
    const number = this.#settings.notificationFd;
    if (number === undefined || this.#pipe !== undefined) return;
    const { kernel } = this.#host;
    const readFd = this.#attempt(() => {
      const status = unlessMissing(() => kernel.stat(CWD, `/proc/${pid}/fd/${number}`));
      if (status?.kind !== "fifo") return undefined;
      const ends = kernel.reopenPipe(pid, number);
      kernel.close(ends.writeFd);
      return kernel.keep(ends.readFd);
    });
    if (readFd !== undefined) this.goOnWith(readFd);
  }

  #askCheck(): void {
    if (!this.#hasCheck()) return;
    this.#check = new CheckProgram(this.#host, this.#directory.fd, {
      onReady: () => this.#ready(),
      onTrouble: (error) => this.#warn("/check cannot be started", error),
    });
  }

  #begin(pid: number): void {
    this.#pid = pid;
    this.#socket?.membership.setMain(pid);
    const { watchdogMs } = this.#settings;
    if (this.#socket !== undefined && watchdogMs !== undefined) this.#beginWatchdog(watchdogMs);
  }

  #beginWatchdog(intervalMs: number): void {
    this.#watchdog ??= new Watchdog(this.#host.reactor, () => this.#hangs());
    this.#watchdog.begin(intervalMs);
  }

  #openSocket(): void {
    this.#socket = this.#attempt(() => {
      const { device, inode } = this.#host.kernel.statFd(this.#directory.fd);
      const key = `${device.toString(16)}-${inode.toString(16)}`;
      return new NotifySocket(this.#host, key, (...message) => this.#notified(...message));
    });
  }

  #notified(notification: Notification, sender: Sender): void {
    const { isReady, isReloading, isStopping, statusText, watchdogMs, extendMs } = notification;
    if (notification.mainPid !== undefined) this.#follow(notification.mainPid, sender);
    const pid = this.#pid;
    if (statusText !== undefined) this.#writeStatusText(statusText);
    if (watchdogMs !== undefined) this.#beginWatchdog(watchdogMs);
    if (notification.watchdog === "alive" || extendMs !== undefined) this.#watchdog?.feed(extendMs);
    if (extendMs !== undefined) this.#calls.extendTimeout(extendMs);
    if (isReloading || isStopping) {
      this.#isReady = false;
      this.#calls.tell({ event: isStopping ? "stopping" : "reloading", pid });
    }
    if (isReady && !isStopping) this.#ready();
    if (notification.watchdog === "trigger") this.#hangs();
  }

  /** Has the process that the service names as itself followed. */
  #follow(mainPid: number, sender: Sender): void {
    if (mainPid === this.#pid) return;
    const facts = this.#socket?.membership.find(mainPid, sender);
    if (facts !== undefined && this.#attempt(() => this.#calls.follow(facts))) return;
    if (!this.#hasWarned) this.#warn(` names process ${mainPid}, which is none of its own`);
    this.#hasWarned = true;
  }

  #mainChanged(pid: number): void {
    this.#pid = pid;
    this.#socket?.membership.setMain(pid);
    if (this.#statusText !== undefined) this.#writeStatusText(this.#statusText);
  }

  #ready(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    this.#calls.tell({ event: "ready", pid: this.#pid });
  }

  #hangs(): void {
    this.#watchdog?.stop();
    this.#calls.tell({ event: "watchdog", pid: this.#pid });
    this.#calls.hang();
  }

  /** One line, with the process that said it, so that it is not taken for that of another. */
  #writeStatusText(text: string): void {
    this.#statusText = text;
    const { kernel } = this.#host;
    const [line = ""] = text.split("\n");
    this.#attempt(() => {
      const fd = kernel.openTruncate(this.#directory.fd, `${STATUS_FILE}.new`);
      try {
        kernel.write(fd, concat(`${this.#pid} `, line.slice(0, LONGEST_STATUS), "\n"));
      } finally {
        kernel.close(fd);
      }
      kernel.rename(this.#directory.fd, `${STATUS_FILE}.new`, STATUS_FILE);
    });
  }

  #hasCheck(): boolean {
    const status = this.#attempt(() =>
      unlessMissing(() => this.#host.kernel.stat(this.#directory.fd, "check"))
    );
    return status?.kind === "file" && (status.permissions & EXECUTABLE_BITS) !== 0;
  }

  #attempt<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#warn(": its readiness cannot be followed", error);
      return undefined;
    }
  }

  #warn(what: string, caught?: unknown): void {
    this.#reporter.warning([this.#directory.name, what], caught);
  }
}
