/**
 * A kernel in memory, with a clock that only moves when the event loop waits: what the engine's
 * tests run on. It knows files, FIFOs, pipes and processes as far as supervision uses them.
 *
 * Length: files, processes and sockets share the descriptors, and so one table.
 */

import { type Bytes, decode, encode } from "../../src/base/bytes.ts";
import { ERRNO, type ErrnoName } from "../../src/base/errno.ts";
import { SystemError } from "../../src/base/system_error.ts";
import type { ChildrenKernel } from "../../src/reactor/children.ts";
import type { SupervisionKernel } from "../../src/supervision/host.ts";
import type {
  Change,
  ChangeWatcher,
  Clock,
  EndedChild,
  FileIdentity,
  FileStatus,
  FileTimes,
  Kernel,
  Legacy,
  Path,
  Poller,
  ProcessFacts,
  ReceivedMessage,
  ReceivedNotification,
  ResourceLimit,
  SpawnPlan,
} from "../../src/system/kernel.ts";

/** A file, directory, FIFO or symbolic link of the fake. */
interface Node {
  kind: FileStatus["kind"];
  inode: bigint;
  bytes: number[];
  locked: boolean;
  /** Its owner; root if absent. */
  uid?: number;
  /** Of one end of a pair of sockets: what it can receive. */
  inbox?: FakeMessage[];
  /** Of one end of a pair of sockets: the other. */
  peer?: Node;
}

/** A message of the fake. */
export interface FakeMessage {
  /** What it says. */
  readonly data: Bytes;
  /** Paths of the descriptors that came with it. */
  readonly files: readonly string[];
}

interface OpenFile {
  path: string;
  node: Node;
  /** Where the next read or write begins, in a file. */
  offset: number;
}

/** What is known of an ended process until it is reaped, and of a running one. */
interface Life {
  process: FakeProcess;
  hasEnded: boolean;
  /** What its working directory and descriptors 0 and 1 are. */
  directory: Node;
  descriptors: Map<number, Node>;
  /** Its directory in `/proc`, which belongs to its user. */
  node: Node;
  /** What has it open by `openProcess`. */
  pidNodes: Node[];
}

/** A process of the fake. */
export interface FakeProcess {
  /** Its id. */
  readonly pid: number;
  /** How it was started. */
  readonly plan: SpawnPlan;
  /** Signals that were sent to it. */
  readonly signals: number[];
  /** What tells it from others that had its id. */
  facts: ProcessFacts;
}

/** The process that runs on the fake, and its session. */
const OWN_PID = 50;
const TICK_MS = 10;
/** The system was started this long before the fake was made. */
const BOOT_TICKS = 5000;

const text = (path: Path): string => typeof path === "string" ? path : decode(path);

/** The engine is there no more: another is to take its place. */
export class Succeeded extends Error {}

/** As much of a kernel as an event loop with supervision needs. */
type EngineKernel = SupervisionKernel & ChildrenKernel & Clock & Pick<Kernel, "newPoller">;

/** The fake kernel. */
export class FakeKernel implements EngineKernel {
  /** What the clock shows, in milliseconds since it was made. */
  timeMs = 0;
  /** What the wall clock showed then, in milliseconds. */
  wallClockMs = 1_000_000_000_000;
  /** Who gets orphans. */
  orphansParent = 1;
  /** How many descriptors may be open. */
  descriptorLimit = 1024n;
  /** Processes that run, by id. */
  readonly running = new Map<number, FakeProcess>();
  /** Processes that were started, in order. */
  readonly started: FakeProcess[] = [];
  /** What the next calls of a function fail with: one entry a call, undefined to let it pass. */
  readonly failures: Partial<Record<string, (ErrnoName | undefined)[]>> = {};
  /** Descriptors that are open at present. */
  readonly open = new Map<number, OpenFile>();
  /** Told of each call that may be made to fail. */
  onCall: (call: string) => void = () => {};
  /** What was handed over to a successor. */
  legacy: Legacy | undefined;
  readonly #nodes = new Map<string, Node>();
  #nameChanges = 0;
  readonly #ended: EndedChild[] = [];
  readonly #signalHandlers = new Map<string, () => void>();
  readonly #watched = new Set<number>();
  /** Directories whose names are watched, by the number of the watch. */
  readonly #watches: (string | undefined)[] = [];
  readonly #changes: Change[] = [];
  /** The sockets that are standard input of processes. */
  readonly #sockets = new Map<SpawnPlan, Node>();
  readonly #notifySockets = new Map<string, { node: Node; inbox: ReceivedNotification[] }>();
  /** What processes were given beside standard input and output. */
  readonly #givenPipes = new Map<FakeProcess, { to: number; node: Node }[]>();
  #nextFd = 3;
  #nextPid = 100;
  #nextInode = 1n;
  #bootNumber = 1;
  readonly #lives = new Map<number, Life>();

  // What tests do to the world.

  /** Sends a message to the notify socket whose name a process was given. */
  notify(senderPid: number, process: FakeProcess, message: string, senderUid = 0): void {
    const variable = process.plan.environment.map((each) => decode(each))
      .find((each) => each.startsWith("NOTIFY_SOCKET=@"))!;
    const { node, inbox } = this.#notifySockets.get(variable.slice("NOTIFY_SOCKET=@".length))!;
    inbox.push({ data: encode(message), senderPid, senderUid, fds: [] });
    node.bytes = [1];
  }

  /** Writes to a descriptor that a process was given at its start. */
  writeAs(process: FakeProcess, fd: number, text: string): void {
    const { node } = this.#givenPipes.get(process)!.find(({ to }) => to === fd)!;
    node.bytes.push(...encode(text));
  }

  /** Makes a directory, and those above it. */
  addDirectory(path: string): void {
    const parts = path.split("/").filter(Boolean);
    parts.forEach((_, index) => this.#add("/" + parts.slice(0, index + 1).join("/"), "directory"));
  }

  /** Makes a file with a text in it. */
  addFile(path: string, text = ""): void {
    this.#add(path, "file").bytes = [...encode(text)];
  }

  /** Makes a symbolic link. */
  addLink(path: string, target: string): void {
    this.#add(path, "link").bytes = [...encode(target)];
  }

  /** Removes a name and all below it. */
  remove(path: string): void {
    this.#nameChanges++;
    for (const name of [...this.#nodes.keys()]) {
      if (name === path || name.startsWith(path + "/")) this.#nodes.delete(name);
    }
  }

  /** Renames a name and all below it. */
  move(from: string, to: string): void {
    this.#nameChanges++;
    for (const [name, node] of [...this.#nodes]) {
      if (name !== from && !name.startsWith(from + "/")) continue;
      this.#nodes.delete(name);
      this.#nodes.set(to + name.slice(from.length), node);
    }
    for (const file of this.open.values()) {
      if (file.path === from || file.path.startsWith(from + "/")) {
        file.path = to + file.path.slice(from.length);
      }
    }
  }

  /** The bytes of a file; undefined when there is none. */
  contents(path: string): Bytes | undefined {
    const node = this.#nodes.get(path);
    return node && new Uint8Array(node.bytes);
  }

  /** Writes to a FIFO, as svc does. */
  feed(path: string, letters: string): void {
    this.#nodes.get(path)!.bytes.push(...encode(letters));
  }

  /** Lets a process end. */
  endProcess(pid: number, status = 0): void {
    this.running.delete(pid);
    const life = this.#lives.get(pid)!;
    life.hasEnded = true;
    const heir = this.#isOurs(pid) ? this.orphansParent : 1;
    for (const { process } of this.#lives.values()) {
      if (process.facts.parentPid !== pid) continue;
      process.facts = { ...process.facts, parentPid: heir };
    }
    for (const node of life.pidNodes) node.bytes.push(1);
    if (life.process.facts.parentPid !== OWN_PID) return void this.#lives.delete(pid);
    this.#ended.push({ pid, status });
    this.#signalHandlers.get("SIGCHLD")?.();
  }

  /** Whether a process descends from the one that runs on the fake. */
  #isOurs(pid: number): boolean {
    if (pid === OWN_PID) return true;
    const parentPid = this.#lives.get(pid)?.process.facts.parentPid ?? 1;
    return parentPid !== 1 && this.#isOurs(parentPid);
  }

  /** Ends the process that runs on the fake, at once: what it started runs on. */
  killEngine(): void {
    this.orphansParent = 1;
    for (const fd of [...this.open.keys()]) this.close(fd);
    this.#watched.clear();
    this.#signalHandlers.clear();
    this.#ended.length = 0;
    for (const [pid, { process, hasEnded }] of this.#lives) {
      if (hasEnded) this.#lives.delete(pid);
      process.facts = { ...process.facts, parentPid: 1 };
    }
  }

  /** Has a process fork: the other one is in the same directory, and has the same descriptors. */
  fork(pid: number): FakeProcess {
    const { process: { plan }, directory, descriptors } = this.#lives.get(pid)!;
    const process = this.#newProcess(
      {
        ...plan,
        attributes: { limits: [], descriptors: [] },
        stdinFd: undefined,
        stdoutFd: undefined,
      },
      { parentPid: pid },
      directory,
    );
    this.#lives.get(process.pid)!.descriptors = new Map(descriptors);
    return process;
  }

  /** Gives a process to a user. */
  setUser(pid: number, uid: number): void {
    this.#lives.get(pid)!.node.uid = uid;
  }

  /** Starts the system anew: nothing runs any more. */
  reboot(): void {
    this.killEngine();
    this.running.clear();
    this.#lives.clear();
    this.#bootNumber++;
  }

  /** The bytes that wait in what a process has as its standard output. */
  outputOf(pid: number): number[] {
    return this.#lives.get(pid)!.descriptors.get(1)!.bytes;
  }

  /** Puts bytes in the place of a file's contents. */
  setContents(path: string, bytes: Uint8Array): void {
    this.#add(path, "file").bytes = [...bytes];
  }

  /** Starts a process that is not ours, with an id that was used before. */
  reusePid(pid: number): FakeProcess {
    return this.addProcess({ pid, parentPid: 1 });
  }

  /**
   * Starts a process that the engine knows nothing of.
   *
   * @param facts what sets it apart from a child of the engine
   * @param directory its working directory
   */
  addProcess(facts: Partial<ProcessFacts>, directory = "/"): FakeProcess {
    const attributes = { limits: [], descriptors: [] };
    const plan = { path: "stranger", argv: [], environment: [], directoryFd: -100, attributes };
    return this.#newProcess(plan, facts, this.#add(directory, "directory"));
  }

  /** What was sent to a process whose standard input is a socket, and is now received. */
  receivedBy({ plan }: FakeProcess): FakeMessage[] {
    const socket = this.#sockets.get(plan)!;
    socket.bytes = [];
    return socket.inbox!.splice(0);
  }

  /** Sends a message from a process whose standard input is a socket. */
  sendFrom({ plan }: FakeProcess, data: Bytes): void {
    this.#deliver(this.#sockets.get(plan)!, { data, files: [] });
  }

  /** Sends a signal to the process that runs on the fake. */
  deliver(name: string): void {
    this.#signalHandlers.get(name)!();
  }

  // What the engine calls.

  monotonicMs(): number {
    return this.timeMs;
  }

  now(): { seconds: number; nanoseconds: number } {
    const ms = this.wallClockMs + Math.round(this.timeMs);
    return { seconds: Math.floor(ms / 1000), nanoseconds: (ms % 1000) * 1e6 };
  }

  openDirectory(at: number, path: Path): number {
    this.#failIfAsked("openDirectory");
    const node = this.#follow(this.#absolute(at, path));
    if (node.kind !== "directory") throw new SystemError("chdir", ERRNO.ENOTDIR);
    return this.#newFd(this.#resolve(this.#absolute(at, path)), node);
  }

  openWrite = (at: number, path: Path): number => this.#openAny("openWrite", at, path);
  openRead = (at: number, path: Path): number => this.#openAny("openRead", at, path);
  openReadWrite = (at: number, path: Path): number => this.#openAny("openReadWrite", at, path);
  openAppend(at: number, path: Path): number {
    const fd = this.#create("openAppend", at, path);
    const file = this.open.get(fd)!;
    file.offset = file.node.bytes.length;
    return fd;
  }

  openTruncate(at: number, path: Path): number {
    const fd = this.#create("openTruncate", at, path);
    this.open.get(fd)!.node.bytes = [];
    return fd;
  }

  close(fd: number): void {
    if (!this.open.has(fd)) throw new SystemError("close", ERRNO.EBADF);
    this.open.get(fd)!.node.locked &&= [...this.open].some(([other, file]) =>
      other !== fd && file.node === this.open.get(fd)!.node
    );
    this.open.delete(fd);
  }

  read(fd: number, into: Bytes): number {
    const file = this.open.get(fd)!;
    if (file.node.kind === "file") {
      const part = file.node.bytes.slice(file.offset, file.offset + into.length);
      into.set(part);
      file.offset += part.length;
      return part.length;
    }
    const bytes = file.node.bytes.splice(0, into.length);
    into.set(bytes);
    return bytes.length === 0 ? -1 : bytes.length;
  }

  write(fd: number, from: Bytes): number {
    this.#failIfAsked("write");
    const file = this.open.get(fd)!;
    if (file.node.kind === "file") {
      file.node.bytes.splice(file.offset, from.length, ...from);
      file.offset += from.length;
    } else file.node.bytes.push(...from);
    return from.length;
  }

  stat(at: number, path: Path): FileStatus {
    this.#failIfAsked("stat");
    return this.#status(this.#follow(this.#absolute(at, path)));
  }

  statLink(at: number, path: Path): FileStatus {
    return this.#status(this.#find(this.#absolute(at, path)));
  }

  leadsTo(at: number, path: Path, { inode }: FileIdentity): boolean {
    return this.stat(at, path).inode === inode;
  }

  /** Every directory changes whenever a name does. */
  fileTimes(): FileTimes {
    const changed = { seconds: this.#nameChanges, nanoseconds: 0 };
    return { modified: changed, accessed: changed };
  }

  statFd(fd: number): FileStatus {
    return this.#status(this.open.get(fd)!.node);
  }

  mkdir(at: number, path: Path): void {
    this.#failIfAsked("mkdir");
    if (this.#nodes.has(this.#absolute(at, path))) throw new SystemError("mkdir", ERRNO.EEXIST);
    this.#add(this.#absolute(at, path), "directory");
  }

  mkfifo(at: number, path: Path): void {
    this.#mustHaveParent(this.#absolute(at, path));
    if (this.#nodes.has(this.#absolute(at, path))) throw new SystemError("mkfifo", ERRNO.EEXIST);
    this.#add(this.#absolute(at, path), "fifo");
  }

  readLink(at: number, path: Path): Bytes {
    this.#failIfAsked("readLink");
    const open = this.#ofProcess(this.#absolute(at, path));
    if (open !== undefined) return encode(`pipe:[${open.inode}]`);
    const own = /^\/proc\/self\/fd\/(\d+)$/.exec(this.#absolute(at, path))?.[1];
    if (own !== undefined) return encode(this.open.get(Number(own))!.path);
    const node = this.#find(this.#absolute(at, path));
    if (node.kind !== "link") throw new SystemError("readlink", ERRNO.EINVAL);
    return new Uint8Array(node.bytes);
  }

  rename(at: number, from: Path, to: Path): void {
    this.#failIfAsked("rename");
    this.move(this.#absolute(at, from), this.#absolute(at, to));
  }

  readDirectory(at: number, path: Path): Bytes[] {
    this.#failIfAsked("readDirectory");
    const descriptors = /^\/proc\/(\d+)\/fd$/.exec(this.#absolute(at, path));
    if (descriptors !== null) {
      const life = this.#lives.get(Number(descriptors[1]));
      if (life === undefined) throw new SystemError("open", ERRNO.ENOENT);
      return [...life.descriptors.keys()].map((fd) => encode(String(fd)));
    }
    const prefix = this.#absolute(at, path) + "/";
    return [...this.#nodes.keys()]
      .filter((name) => name.startsWith(prefix) && !name.slice(prefix.length).includes("/"))
      .map((name) => encode(name.slice(prefix.length)));
  }

  lock(fd: number): void {
    const { node } = this.open.get(fd)!;
    if (node.locked) throw new SystemError("flock", ERRNO.EAGAIN);
    node.locked = true;
  }

  pipe(): { readFd: number; writeFd: number } {
    this.#failIfAsked("pipe");
    const node = this.#newNode("fifo");
    return { readFd: this.#newFd("pipe", node), writeFd: this.#newFd("pipe", node) };
  }

  keep(fd: number): number {
    return fd;
  }

  lend<T>(numbers: readonly number[], use: (fds: readonly number[]) => T): T {
    return use(numbers);
  }

  bytesWaiting(fd: number): number {
    return this.open.get(fd)!.node.bytes.length;
  }

  spawn(plan: SpawnPlan): number {
    this.#failIfAsked("spawn");
    const stdin = plan.stdinFd === undefined ? undefined : this.open.get(plan.stdinFd)?.node;
    if (stdin?.peer !== undefined) this.#sockets.set(plan, stdin);
    const node = plan.directoryFd < 0 ? this.#newNode("directory") : this.#nodeOf(plan.directoryFd);
    const process = this.#newProcess(plan, {}, node);
    this.started.push(process);
    const given = plan.attributes.descriptors;
    this.#givenPipes.set(
      process,
      given.map(({ from, to }) => ({ to, node: this.open.get(from)!.node })),
    );
    return process.pid;
  }

  getLimit(): ResourceLimit {
    return { soft: this.descriptorLimit, hard: this.descriptorLimit };
  }

  socketPair(): { ourFd: number; theirFd: number } {
    const ours = this.#newNode("other");
    const theirs: Node = { ...this.#newNode("other"), inbox: [], peer: ours };
    Object.assign(ours, { inbox: [], peer: theirs });
    return { ourFd: this.#newFd("socket", ours), theirFd: this.#newFd("socket", theirs) };
  }

  sendMessage(fd: number, data: Bytes, fds: readonly number[]): void {
    this.#failIfAsked("sendMessage");
    const files = fds.map((each) => this.open.get(each)!.path);
    this.#deliver(this.open.get(fd)!.node, { data, files });
  }

  receiveMessage(fd: number): ReceivedMessage | null {
    this.#failIfAsked("receiveMessage");
    const { node } = this.open.get(fd)!;
    const message = node.inbox!.shift();
    node.bytes = node.inbox!.length > 0 ? [1] : [];
    return message === undefined ? null : { data: message.data, fds: [], isWhole: true };
  }

  #deliver(from: Node, message: FakeMessage): void {
    from.peer!.inbox!.push(message);
    from.peer!.bytes = [1];
  }

  openNotifySocket(name: Bytes): number {
    this.#failIfAsked("openNotifySocket");
    const node = this.#newNode("other");
    this.#notifySockets.set(decode(name), { node, inbox: [] });
    return this.#newFd("socket", node);
  }

  receiveNotification(fd: number): ReceivedNotification | null {
    this.#failIfAsked("receiveNotification");
    const { node } = this.open.get(fd)!;
    const socket = [...this.#notifySockets.values()].find((each) => each.node === node)!;
    const message = socket.inbox.shift() ?? null;
    node.bytes = socket.inbox.length > 0 ? [1] : [];
    return message;
  }

  reap(): EndedChild | null {
    const ended = this.#ended.shift() ?? null;
    if (ended !== null) this.#lives.delete(ended.pid);
    return ended;
  }

  collectGarbage = (): void => {};
  bootId = (): Bytes => new Uint8Array(16).fill(this.#bootNumber);
  bootTicks = (): number => BOOT_TICKS + Math.floor(this.timeMs / TICK_MS);
  sessionId = (): number => OWN_PID;
  adoptOrphans = (): void => void (this.orphansParent = OWN_PID);

  pid = (): number => OWN_PID;

  /** Lets a successor take the engine's place: descriptors that are handed over stay open. */
  succeed(legacy: Legacy): never {
    this.#failIfAsked("succeed");
    this.legacy = legacy;
    for (const fd of [...this.open.keys()]) if (!legacy.descriptors.includes(fd)) this.close(fd);
    this.#watched.clear();
    this.#signalHandlers.clear();
    throw new Succeeded();
  }

  findProcess(pid: number): ProcessFacts | undefined {
    const life = this.#lives.get(pid);
    return life && { ...life.process.facts, hasEnded: life.hasEnded };
  }

  processesSince(ticks: number): ProcessFacts[] {
    return [...this.#lives.keys()].map((pid) => this.findProcess(pid)!)
      .filter(({ startTicks }) => startTicks >= ticks);
  }

  openProcess(pid: number): number {
    this.#failIfAsked("openProcess");
    const life = this.#lives.get(pid);
    if (life === undefined) throw new SystemError("pidfd_open", ERRNO.ESRCH);
    const node = this.#newNode("other");
    life.pidNodes.push(node);
    return this.#newFd(`pidfd ${pid}`, node);
  }

  signal(pidFd: number, signal: number): void {
    const node = this.#nodeOf(pidFd);
    const life = [...this.#lives.values()].find(({ pidNodes }) => pidNodes.includes(node));
    if (life === undefined) throw new SystemError("kill", ERRNO.ESRCH);
    life.process.signals.push(signal);
  }

  reopenPipe(pid: number, fd: number): { readFd: number; writeFd: number } {
    this.#failIfAsked("reopenPipe");
    const node = this.#follow(`/proc/${pid}/fd/${fd}`);
    return { readFd: this.#newFd("pipe", node), writeFd: this.#newFd("pipe", node) };
  }

  unlink(at: number, path: Path): void {
    this.#failIfAsked("unlink");
    this.#find(this.#absolute(at, path));
    this.#nodes.delete(this.#absolute(at, path));
    this.#nameChanges++;
  }

  kill(pid: number, signal: number): void {
    this.#failIfAsked("kill");
    const process = this.running.get(pid);
    if (process === undefined) throw new SystemError("kill", ERRNO.ESRCH);
    process.signals.push(signal);
  }

  onSignal(name: string, handler: () => void): void {
    this.#signalHandlers.set(name, handler);
  }

  newChangeWatcher(): ChangeWatcher {
    this.#failIfAsked("newChangeWatcher");
    const fd = this.#newFd("watch", this.#newNode("fifo"));
    const addNames = (at: number, path: Path): number => {
      this.#failIfAsked("addNames");
      this.#watches.push(this.#absolute(at, path));
      return this.#watches.length - 1;
    };
    return {
      fd,
      add: (path) => addNames(-100, path),
      addNames,
      remove: (watch) => void (this.#watches[watch] = undefined),
      read: () => {
        this.open.get(fd)!.node.bytes = [];
        return this.#changes.splice(0);
      },
      close: () => this.close(fd),
    };
  }

  /** Tells whoever watches a directory that names in it changed. */
  noticeChange(): void {
    this.noticeName("/service", "any");
  }

  /** Directories whose names are watched. */
  watchedDirectories(): string[] {
    return this.#watches.filter((path) => path !== undefined);
  }

  /** Tells who watches a directory that a name in it changed. */
  noticeName(directory: string, name: string): void {
    this.#watches.forEach((path, watch) => {
      if (path === directory) this.#changes.push({ watch, name: encode(name) });
    });
    for (const file of this.open.values()) if (file.path === "watch") file.node.bytes = [1];
  }

  newPoller(): Poller {
    return {
      add: (fd) => {
        this.#failIfAsked("watch");
        this.#watched.add(fd);
      },
      remove: (fd) => {
        if (!this.#watched.delete(fd)) throw new SystemError("epoll_ctl", ERRNO.ENOENT);
      },
      wait: async (timeoutMs) => {
        const ready = [...this.#watched].filter((fd) => this.bytesWaiting(fd) > 0);
        if (ready.length === 0) {
          if (timeoutMs < 0) throw new Error("the loop would wait for ever");
          this.timeMs += timeoutMs;
        }
        return ready;
      },
      wake: () => {},
      turns: 0,
    };
  }

  #failIfAsked(call: string): void {
    this.onCall(call);
    const name = this.failures[call]?.shift();
    if (name !== undefined) throw new SystemError(call, ERRNO[name]);
  }

  #absolute(at: number, path: Path): string {
    const relative = text(path);
    if (relative.startsWith("/")) return relative;
    const base = at < 0 ? "" : this.#pathOfDirectory(at);
    return `${base}/${relative}`.replace(/\/\.$/, "").replace(/^\/\//, "/");
  }

  #pathOfDirectory(fd: number): string {
    const { path, node } = this.open.get(fd)!;
    // Nothing can be found or made in a directory that was removed.
    if (this.#nodes.get(path) !== node) throw new SystemError("open", ERRNO.ENOENT);
    return path;
  }

  #mustHaveParent(path: string): void {
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (parent !== "") this.#follow(parent);
  }

  #newNode(kind: Node["kind"]): Node {
    return { kind, inode: this.#nextInode++, bytes: [], locked: false };
  }

  #add(path: string, kind: Node["kind"]): Node {
    const node = this.#nodes.get(path) ?? this.#newNode(kind);
    this.#nodes.set(path, node);
    this.#nameChanges++;
    return node;
  }

  #find(path: string): Node {
    const node = this.#nodes.get(path);
    if (node === undefined) throw new SystemError("open", ERRNO.ENOENT);
    return node;
  }

  /** The path with links in it put in their place. */
  #resolve(path: string): string {
    for (const [name, node] of this.#nodes) {
      if (node.kind !== "link" || (path !== name && !path.startsWith(name + "/"))) continue;
      return this.#resolve(decode(new Uint8Array(node.bytes)) + path.slice(name.length));
    }
    return path;
  }

  #nodeOf(fd: number): Node {
    const file = this.open.get(fd);
    if (file === undefined) throw new SystemError("fstat", ERRNO.EBADF);
    return file.node;
  }

  #newProcess(plan: SpawnPlan, different: Partial<ProcessFacts>, directory: Node): FakeProcess {
    const facts = {
      pid: different.pid ?? this.#nextPid++,
      parentPid: OWN_PID,
      sessionId: OWN_PID,
      startTicks: this.bootTicks(),
      hasEnded: false,
      ...different,
    };
    const process = { pid: facts.pid, plan, signals: [], facts };
    const descriptors = new Map<number, Node>();
    [plan.stdinFd, plan.stdoutFd].forEach((fd, number) => {
      if (fd !== undefined) descriptors.set(number, this.#nodeOf(fd));
    });
    for (const { from, to } of plan.attributes.descriptors) {
      descriptors.set(to, this.#nodeOf(from));
    }
    this.running.set(facts.pid, process);
    const node = this.#newNode("directory");
    const life = { process, hasEnded: false, directory, descriptors, node, pidNodes: [] };
    this.#lives.set(facts.pid, life);
    return process;
  }

  #ofProcess(path: string): Node | undefined {
    const match = /^\/proc\/(\d+)(?:\/(?:(cwd)|fd\/(\d+)))?$/.exec(path);
    if (match === null) return undefined;
    const life = this.#lives.get(Number(match[1]));
    if (life !== undefined && match[0].endsWith(match[1]!)) return life.node;
    const node = match[2] ? life?.directory : life?.descriptors.get(Number(match[3]));
    if (node === undefined) throw new SystemError("open", ERRNO.ENOENT);
    return node;
  }

  #follow(path: string): Node {
    return this.#ofProcess(path) ?? this.#find(this.#resolve(path));
  }

  #status(node: Node): FileStatus {
    const { kind, inode, uid = 0 } = node;
    return {
      kind,
      inode,
      device: 1,
      permissions: 0o755,
      links: 1,
      size: node.bytes.length,
      uid,
    };
  }

  #newFd(path: string, node: Node): number {
    const fd = this.#nextFd++;
    this.open.set(fd, { path, node, offset: 0 });
    return fd;
  }

  #openAny(call: string, at: number, path: Path): number {
    this.#failIfAsked(call);
    return this.#newFd(this.#absolute(at, path), this.#follow(this.#absolute(at, path)));
  }

  #create(call: string, at: number, path: Path): number {
    this.#failIfAsked(call);
    this.#mustHaveParent(this.#absolute(at, path));
    return this.#newFd(this.#absolute(at, path), this.#add(this.#absolute(at, path), "file"));
  }
}
