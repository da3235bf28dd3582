/**
 * A service of a scan: its supervisor, its logger's, and the pipe that joins the two.
 *
 * The pipe is there as soon as a logger is. It stays for as long as the service is known, so
 * neither side's restart loses a byte.
 */

import { type Bytes, concat } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { createReporter, ProgramEnd } from "../base/messages.ts";
import { errnoOf, ignoreSystemError, SystemError, unlessMissing } from "../base/system_error.ts";
import type { HandedService } from "./handover.ts";
import type { SupervisionHost } from "./host.ts";
import type { LogHosts, StreamPlace } from "./log_hosts.ts";
import { LogPipe, type PipeEnds, recoverPipe } from "./log_pipe.ts";
import type { OnProcessEnd } from "./service_process.ts";
import type { ServicePlace } from "./service_place.ts";
import { Supervisor } from "./supervisor.ts";

/** So long, in milliseconds, may the logger of a removed service read nothing and not end. */
const STUCK_MS = 60_000;

/** What all services of a scan have in common. */
export interface ServiceOptions {
  /** Where loggers with plain scripts run; without, each gets a process. */
  readonly logHosts?: LogHosts | undefined;
  /** Called with what must wait until every pipe is held that a killed svscan has left. */
  readonly onceAllIsHeld?: (action: () => void) => void;
  /** See {@linkcode ServicePlace.mayStart}. */
  readonly mayStart?: () => boolean;
  /** See {@linkcode ServicePlace.timeoutKillMs}. */
  readonly timeoutKillMs?: number | undefined;
  /**
   * Called when an essential service has ended for good.
   *
   * @param name the service's
   * @param waitStatus as from waitpid(2); undefined when it cannot be known
   */
  readonly onEssentialEnd?: (name: Bytes, waitStatus: number | undefined) => void;
}

/** One service with its logger, if it has one. */
export class Service {
  readonly #host: SupervisionHost;
  readonly #options: ServiceOptions;
  readonly #at: number;
  readonly #onSupervisionEnd: () => void;
  #name: Bytes;
  #main: Supervisor | undefined;
  #log: Supervisor | undefined;
  #pipe: LogPipe | undefined;
  #inputHasEnded = false;
  /** Whether supervision has ended as the directory was removed. */
  #hasGone = false;
  /** What a logger that is to end had not read, and since when. */
  #unread: { readonly bytes: number; readonly sinceMs: number } | undefined;

  /**
   * Makes a service of which nothing is supervised yet.
   *
   * @param at the directory that holds the service
   * @param name its name there
   * @param onSupervisionEnd called whenever supervision of the service or its logger has ended
   */
  constructor(
    host: SupervisionHost,
    at: number,
    name: Bytes,
    onSupervisionEnd: () => void,
    options: ServiceOptions = {},
  ) {
    this.#host = host;
    this.#options = options;
    this.#at = at;
    this.#name = name;
    this.#onSupervisionEnd = onSupervisionEnd;
  }

  /** Its name, as last met. */
  get name(): Bytes {
    return this.#name;
  }

  /** The service's supervisor, while there is one. */
  get main(): Supervisor | undefined {
    return this.#main;
  }

  /** The logger's supervisor, while there is one. */
  get log(): Supervisor | undefined {
    return this.#log;
  }

  /** Whether it is joined to a logger. */
  get hasLogger(): boolean {
    return this.#pipe !== undefined;
  }

  /** Whether nothing of it is supervised. */
  get isIdle(): boolean {
    return this.#main === undefined && this.#log === undefined;
  }

  /** Whether something of it should be supervised and is not. */
  get isIncomplete(): boolean {
    return this.#main === undefined || (this.#log === undefined && this.hasLogger);
  }

  /** Whether its directory was removed while its process runs on. */
  get isRemoved(): boolean {
    return this.#main?.isRemoved ?? false;
  }

  /** How many bytes the logger has not read yet. */
  get bytesWaiting(): number {
    return this.#pipe?.bytesWaiting ?? 0;
  }

  /** How many descriptors it holds open. */
  get descriptorCount(): number {
    return (this.#main?.descriptorCount ?? 0) + (this.#log?.descriptorCount ?? 0) +
      (this.#pipe?.descriptorCount ?? 0);
  }

  /**
   * Supervises what is not supervised: the service, and its logger once it has one. Failure is
   * told; whoever calls this again tries again.
   *
   * @param name its name now
   */
  keepUp(name: Bytes): void {
    this.#name = name;
    if (this.#main !== undefined && this.#log !== undefined) return;
    const hadPipe = this.#pipe !== undefined;
    if (!this.#connectLogger()) return;
    this.#superviseMissing(name);
    // A pipe that was recovered may be in the care of another supervisor, who keeps us out.
    if (hadPipe || !this.isIdle) return;
    this.#pipe?.close();
    this.#pipe = undefined;
  }

  /** Goes on with what a predecessor in this process has handed over. */
  restore(handed: HandedService): void {
    if (handed.pipe !== undefined) this.#pipe = new LogPipe(this.#host.kernel, handed.pipe);
    this.#superviseMissing(handed.name, handed);
  }

  /**
   * What a successor in this process needs.
   *
   * @param identity what tells its directory from others
   */
  handOver(identity: string): HandedService {
    const [main, log] = [this.#main?.handOver(), this.#log?.handOver()];
    return { identity, name: this.#name, main, log, pipe: this.#pipe?.ends };
  }

  /** @param handed what is restored; nothing else is then taken under supervision */
  #superviseMissing(name: Bytes, handed?: HandedService): void {
    const at = this.#at;
    const pipe = this.#pipe;
    const { timeoutKillMs, mayStart } = this.#options;
    if (handed === undefined || handed.main !== undefined) {
      const stdoutFd = pipe?.writeFd;
      const onEssentialEnd = (waitStatus: number | undefined) =>
        this.#options.onEssentialEnd?.(this.#name, waitStatus);
      this.#main ??= this.#supervise(
        {
          at,
          path: name,
          name,
          stdoutFd,
          mayStart,
          timeoutKillMs,
          onEssentialEnd,
          handed: handed?.main,
        },
        () => {
          this.#hasGone = this.isRemoved;
          this.#main = undefined;
        },
      );
    }
    if (pipe === undefined || (handed !== undefined && handed.log === undefined)) return;
    const path = concat(name, "/log");
    const isOver = () => this.#inputHasEnded && pipe.bytesWaiting === 0;
    const inputFd = pipe.readFd;
    const startHosted = (directoryFd: number, onEnd: OnProcessEnd) =>
      this.#options.logHosts?.start({ inputFd, directoryFd }, onEnd);
    const onLeftStream = (directoryFd: number, end: () => void) => {
      this.#holdInput({ inputFd, directoryFd });
      if (this.#options.onceAllIsHeld === undefined) end();
      else this.#options.onceAllIsHeld(end);
    };
    this.#log ??= this.#supervise(
      {
        at,
        path,
        name: path,
        stdinFd: inputFd,
        startHosted,
        onLeftStream,
        isOver,
        mayStart: () => this.#mustBeLogged || (mayStart?.() ?? true),
        timeoutKillMs,
        handed: handed?.log,
      },
      () => this.#log = undefined,
    );
  }

  get #mustBeLogged(): boolean {
    return (this.#main?.pid ?? 0) !== 0 || this.bytesWaiting > 0;
  }

  #holdInput(place: StreamPlace): void {
    try {
      this.#options.logHosts?.hold(place);
    } catch (error) {
      // It is held here, and a host is needed soon: what is wrong is told then.
      ignoreSystemError(error);
    }
  }

  /** Notices what was removed of its directories. To be called every few seconds. */
  checkDirectories(): void {
    this.#main?.checkDirectory();
    this.#log?.checkDirectory();
    // Nobody writes to it any more, and nobody could tell it to end.
    if (!this.#hasGone || !this.#log?.isRemoved) return;
    this.endInput();
    this.#killIfStuck(this.#log);
  }

  /** Its log may be removed, too, with the place where it was: it would wait for that for ever. */
  #killIfStuck(log: Supervisor): void {
    const nowMs = this.#host.reactor.nowMs();
    const bytes = this.bytesWaiting;
    if (this.#unread?.bytes !== bytes) this.#unread = { bytes, sinceMs: nowMs };
    if (nowMs - this.#unread.sinceMs < STUCK_MS) return;
    this.#unread = undefined;
    const what = `/log was removed and does not end, with ${bytes} bytes that it has not read`;
    const reporter = createReporter("svscan", this.#host.report);
    reporter.warning([this.#name, `${what}: it is killed`]);
    log.handle("k");
  }

  /** As {@linkcode checkDirectories}, once their file system answers. */
  checkDirectoriesLater(): void {
    (this.#main ?? this.#log)?.whenReached(() => this.checkDirectories());
  }

  /**
   * Lets the logger meet the end of its input, once the service is gone. A logger that ends then
   * is started again only while something waits in the pipe.
   */
  endInput(): void {
    this.#inputHasEnded = true;
    this.#pipe?.closeWriteEnd();
  }

  /** Frees what is left of a service that is idle. */
  close(): void {
    this.#pipe?.close();
  }

  /**
   * Gives a service that has a logger its pipe.
   *
   * @returns false when what it needs could not be had and it must not be started
   */
  #connectLogger(): boolean {
    if (this.#pipe !== undefined) return true;
    const reporter = createReporter("svscan", this.#host.report);
    const path = concat(this.#name, "/log");
    try {
      const status = unlessMissing(() => this.#host.kernel.stat(this.#at, path));
      if (status === undefined) return true;
      if (status.kind !== "directory") {
        // Without a pipe: the service must not fill one that nobody reads.
        createReporter("supervise", this.#host.report)
          .fatal(["unable to chdir to ", path], new SystemError("chdir", ERRNO.ENOTDIR));
        return true;
      }
    } catch (error) {
      reporter.warning(["unable to stat ", path], error);
      return this.#main !== undefined;
    }
    let ends: PipeEnds | undefined;
    try {
      ends = this.#recoverPipe();
    } catch (error) {
      reporter.warning(["unable to open the pipe of ", this.#name], error);
      return false;
    }
    try {
      this.#pipe = new LogPipe(this.#host.kernel, ends ?? this.#host.kernel.pipe());
    } catch (error) {
      reporter.warning(["unable to create pipe for ", this.#name], error);
      return this.#main !== undefined;
    }
    if (this.#main !== undefined) {
      this.#main.connectStdout(this.#pipe.writeFd);
      const advice = ": it is connected when the service starts again, as after svc -t";
      reporter.warning(["found a logger for ", this.#name, " while it was running", advice]);
    }
    return true;
  }

  /**
   * The pipe that is in use since before us, if there is one.
   *
   * @throws {SystemError} when there is one, and it may be had later
   */
  #recoverPipe(): PipeEnds | undefined {
    if (this.#main !== undefined) return undefined;
    try {
      return recoverPipe(this.#host.kernel, this.#at, this.#name);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno !== ERRNO.EACCES && errno !== ERRNO.EPERM) throw error;
      const advice = ", which is joined to its logger again when both have been started again";
      createReporter("svscan", this.#host.report)
        .warning(["unable to open the pipe of ", this.#name, advice], error);
      return undefined;
    }
  }

  #supervise(place: ServicePlace, forget: () => void): Supervisor | undefined {
    let isOver = false;
    try {
      const supervisor = new Supervisor(this.#host, place, () => {
        isOver = true;
        forget();
        this.#onSupervisionEnd();
      });
      return isOver ? undefined : supervisor;
    } catch (error) {
      if (!(error instanceof ProgramEnd)) throw error;
      this.#host.report(error.text);
      return undefined;
    }
  }
}
