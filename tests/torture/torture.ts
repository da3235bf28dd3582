/**
 * The torture of a svscan: in rounds, random kills, upgrades, commands and changes of the
 * directory; after each round everything must be as if nothing had happened.
 *
 * A command that was sent right before svscan was killed may not have been heard. What was asked
 * of such a service is asked again before it is judged; all others are judged as they are.
 */

import { isAlive } from "../support/processes.ts";
import { readServiceStatus } from "../support/service.ts";
import { pause, waitFor } from "../support/wait.ts";
import { type Arena, kill } from "./arena.ts";
import { newFigures } from "./figures.ts";
import { Random } from "./random.ts";
import { died, obey, type Part, type Victim } from "./victim.ts";

/** How long everything may take to be as it should after a round, in milliseconds. */
const SETTLE_MS = 120_000;
/** The C tools never get there: what was left alone is in the way of a second copy. */
const REFERENCE_SETTLE_MS = 4000;
/** More than what a collection of garbage lets come and go. */
const MEMORY_GROWTH_KB = 65_536;

const WEIGHTS = {
  killService: 25,
  killLogger: 12,
  command: 30,
  killScan: 8,
  killAll: 3,
  upgrade: 8,
  unlink: 4,
  rename: 5,
  wait: 8,
};
type Deed = keyof typeof WEIGHTS;
const LETTERS = ["u", "d", "o", "p", "c", "h", "a", "i", "t", "k", "dx", "du"];

/** One run of the torture. */
export class Torture {
  readonly figures = newFigures();
  readonly #arena: Arena;
  readonly #random: Random;
  #newNames = 0;
  /** What was not as expected at the end of a round: it is asked again in the next. */
  #wrong: Part[] = [];
  /** What was done in this round and the last. */
  #deeds: string[] = [];
  /** Descriptors and memory of svscan when it had settled for the first time. */
  #first: { descriptors: number; memoryKb: number } | undefined;

  /** @param seed what repeats the choices; what the processes do meanwhile is another matter */
  constructor(arena: Arena, seed: number) {
    this.#arena = arena;
    this.#random = new Random(seed);
  }

  /** Starts everything. */
  async begin(): Promise<void> {
    this.#arena.startScan();
    await this.#arena.waitForSupervisors();
    await this.#settle();
  }

  /** Does some of everything, then sees that all is well. */
  async round(): Promise<void> {
    this.figures.rounds++;
    this.#deeds.push(`-- round ${this.figures.rounds}`);
    const deeds = 10 + this.#random.below(25);
    for (let count = 0; count < deeds; count++) {
      await this.#do(this.#random.weighted(WEIGHTS));
      await pause(this.#random.below(60));
    }
    await this.#settle();
  }

  /** Ends everything in order, and closes the accounts. */
  async end(): Promise<void> {
    const { victims } = this.#arena;
    for (const { main } of victims) await this.#send(main, "d");
    await this.#await(victims.map(({ main }) => main));
    for (const { log } of victims) await this.#send(log, "uc");
    if (this.#arena.isReference) await this.#endReference();
    else {
      this.#arena.svscan!.kill("SIGTERM");
      const { code } = await this.#arena.svscan!.status;
      if (code !== 0) this.#fail(`svscan ended with ${code}`);
      this.#arena.svscan = undefined;
    }
    const left = this.#arena.processes();
    if (left.length > 0) this.#fail(`left running at the end: ${left.map(commandLine)}`);
    for (const victim of victims) victim.close();
    this.#sumUp();
  }

  async #endReference(): Promise<void> {
    const paths = this.#arena.victims.map(({ path }) => path);
    // The logger meets the end of its input when svscan has let go of the pipe.
    kill(this.#arena.svscan!.pid, "SIGKILL");
    await this.#arena.svscan!.status;
    this.#arena.svscan = undefined;
    await this.#arena.run("svc", ["-dx", ...paths]);
    await this.#arena.run("svc", ["-x", ...paths.map((path) => `${path}/log`)]);
    await waitFor(() => this.#arena.processes().length === 0, { what: "the end of all" });
  }

  async #do(deed: Deed): Promise<void> {
    const victim = this.#random.pick(this.#arena.victims);
    if (deed === "killScan") return await this.#killScan();
    if (deed === "killAll") return await this.#killAll(victim);
    if (deed === "wait") return await pause(this.#random.below(800));
    if (this.#arena.svscan === undefined && this.#random.chance(0.3)) await this.#restartScan();
    if (deed === "killService") return await this.#killPart(victim, victim.main);
    if (deed === "killLogger") return await this.#killPart(victim, victim.log);
    if (deed === "command") return await this.#command(victim);
    if (deed === "upgrade") return this.#upgrade();
    return this.#changeLink(victim, deed);
  }

  async #killPart(victim: Victim, part: Part): Promise<void> {
    const pid = part.livePid;
    this.#note(`kill ${part.path} (pid ${pid})`);
    if (pid === 0) return;
    if (part === victim.main) this.figures.serviceKills++;
    else {
      this.figures.loggerKills++;
      // A process may write the logs of many.
      for (const each of this.#arena.victims) {
        // What multilog has read and not written goes with it.
        if (each.log.livePid === pid && each.usesMultilog) each.accountant.excuse(true);
      }
    }
    for (const { parts } of this.#arena.victims) {
      for (const each of parts) {
        if (each.livePid !== pid) continue;
        // A host that a svscan before has left may just have been asked to end: then the pause stays.
        if (each.expected.paused && each !== part) each.expected.isUncertain = true;
        died(each);
      }
    }
    kill(pid, "SIGKILL");
    await waitFor(() => !isAlive(pid), { what: "a killed process to end" });
    for (const each of this.#arena.victims) {
      if (each.log.livePid === 0) each.pipe.lostReader();
      if (each.isOrphan) excuseDeadPipe(each);
    }
  }

  async #killScan(): Promise<void> {
    if (this.#arena.svscan === undefined) return await this.#restartScan();
    this.figures.supervisorKills++;
    this.#note("kill svscan");
    for (const victim of this.#arena.victims) victim.letGo();
    await this.#arena.killScan();
    for (const { parts } of this.#arena.victims) {
      for (const { expected } of parts) expected.isUncertain ||= expected.isPending;
    }
    // At any moment: also right at its start.
    for (; this.#random.chance(0.25);) {
      this.#excuseDeadPipes();
      this.#note("start svscan and kill it");
      this.#arena.startScan();
      await pause(this.#random.below(120));
      this.figures.supervisorKills++;
      await this.#arena.killScan();
      // It may have told the host that was left to end, and then not have its own yet.
      for (const { pipe, usesMultilog } of this.#arena.victims) if (usesMultilog) pipe.lostReader();
    }
    if (this.#random.chance(0.5)) await this.#restartScan();
  }

  /** Leaves nobody who has the pipe of one service. */
  async #killAll(victim: Victim): Promise<void> {
    if (this.#arena.svscan === undefined) await this.#restartScan();
    await this.#send(victim.log, "p");
    await pause(this.#random.below(100));
    await this.#killScan();
    if (this.#arena.svscan !== undefined) return;
    for (const part of victim.parts) await this.#killPart(victim, part);
    await this.#restartScan();
  }

  /** The kernel drops what is in a pipe when svscan, the service and the logger are all dead. */
  #excuseDeadPipes(): void {
    for (const victim of this.#arena.victims) {
      if (victim.log.livePid === 0) victim.pipe.lostReader();
      excuseDeadPipe(victim);
    }
  }

  async #restartScan(): Promise<void> {
    this.#excuseDeadPipes();
    this.#note("start svscan");
    this.#arena.startScan();
    await this.#arena.waitForSupervisors();
    this.#note("all have supervisors");
    this.#pipesAreHeld();
    this.#streamsMove();
  }

  /** Whom svscan does not know it leaves alone, and tells the host that was left to end. */
  #pipesAreHeld(): void {
    for (const { pipe, isOrphan, usesMultilog } of this.#arena.victims) {
      if (!isOrphan) pipe.held(Date.now());
      else if (usesMultilog) pipe.lostReader();
    }
  }

  #upgrade(): void {
    if (this.#arena.svscan === undefined || this.#arena.isReference) return;
    this.figures.upgrades++;
    this.#note("upgrade");
    kill(this.#arena.svscan.pid, "SIGUSR2");
    this.#streamsMove();
  }

  /** Log streams end in the host that was left, and begin in another. */
  #streamsMove(): void {
    for (const { log, usesMultilog } of this.#arena.victims) {
      if (usesMultilog) log.lastEndMs = performance.now();
    }
  }

  #changeLink(victim: Victim, deed: "unlink" | "rename"): void {
    this.figures.linkChanges++;
    const name = `n${this.#newNames++}`;
    this.#note(`${deed} ${victim.path}`);
    if (victim.link === undefined) this.#arena.link(victim, name);
    else if (deed === "rename") this.#arena.rename(victim, name);
    else this.#arena.unlink(victim);
  }

  async #command(victim: Victim): Promise<void> {
    const part = this.#random.chance(0.7) ? victim.main : victim.log;
    const letters = this.#random.pick(LETTERS);
    // Nobody hears a command while there is no svscan, or its service is not listed to the next.
    if (this.#arena.svscan === undefined) return;
    const isHeard = await this.#send(part, letters);
    if (isHeard && this.#random.chance(0.5)) {
      await waitFor(() => part.isAsExpected, { what: "", timeoutMs: 1500 }).catch(() => {});
      if (part.isAsExpected) part.expected.isPending = false;
    }
  }

  async #send(part: Part, letters: string): Promise<boolean> {
    this.figures.commands++;
    const victim = this.#arena.victims.find(({ parts }) => parts.includes(part))!;
    // TERM ends multilog at a line's end; KILL does not.
    if (/k/.test(letters) && part === victim.log) await this.#killPart(victim, part);
    this.#note(`svc -${letters} ${part.path}`);
    if (!await this.#arena.run("svc", [`-${letters}`, part.path])) return false;
    part.expected.isPending = true;
    for (const letter of letters) obey(part, letter);
    return true;
  }

  /** Brings everything to rest, and judges it. */
  async #settle(): Promise<void> {
    const { victims } = this.#arena;
    if (this.#arena.svscan === undefined) await this.#restartScan();
    for (const victim of victims) {
      if (victim.link === undefined) this.#arena.link(victim, `n${this.#newNames++}`);
    }
    await this.#arena.waitForSupervisors();
    this.#pipesAreHeld();
    const parts = victims.flatMap((victim) => victim.parts);
    for (const part of parts) {
      const { expected } = part;
      if (!expected.isUncertain && expected.want !== "once") continue;
      const isUp = this.#random.chance(0.8);
      await this.#send(part, isUp ? "uc" : "d");
    }
    await this.#await(parts);
    for (const part of parts) {
      part.expected.isUncertain = this.#wrong.includes(part);
      part.expected.isPending = false;
    }
    this.#wrong = [];
    await this.#judge();
    if (/this is a bug/.test(this.#arena.messages())) this.#fail("svscan says: this is a bug");
    // What is down for long is no victim.
    for (const part of parts) if (part.expected.want !== "up") await this.#send(part, "u");
    for (const part of parts) if (part.expected.paused) await this.#send(part, "c");
    for (const victim of victims) {
      victim.readLog();
      victim.accountant.endRound();
      for (const loss of victim.accountant.losses.splice(0)) {
        this.#fail(`${victim.path}: ${loss}\n  ${this.#deedsTo(victim.path)}`);
      }
    }
    this.#deeds = this.#deeds.slice(this.#deeds.findLastIndex((deed) => deed.startsWith("--")));
    this.#sumUp();
  }

  async #await(parts: Part[]): Promise<void> {
    const wrong = () => parts.filter((part) => !part.isAsExpected);
    const timeoutMs = this.#arena.isReference ? REFERENCE_SETTLE_MS : SETTLE_MS;
    await waitFor(() => wrong().length === 0, { what: "", timeoutMs, intervalMs: 50 })
      .catch(async () => {
        this.figures.wrongStates += wrong().length;
        if (this.#arena.isReference) return;
        for (const part of wrong()) {
          const status = await readServiceStatus(part.path).catch(() => undefined);
          const { want, paused } = part.expected;
          const is = `pid ${status?.pid} want ${status?.want} paused ${status?.paused}`;
          const wanted = `${want}${paused ? " paused" : ""}`;
          this.#fail(`${part.path}: expected ${wanted}, is ${is}\n  ${this.#deedsTo(part.path)}`);
        }
        this.#wrong = wrong();
      });
  }

  /** What was done to a service, or to all, a line each. */
  #deedsTo(path: string): string {
    const owners = this.#arena.victims.map((victim) => victim.path);
    const concerns = (deed: string) =>
      deed.split(" ").every((word) => {
        const owner = owners.find((other) => word === other || word === `${other}/log`);
        return owner === undefined || path === owner || path === `${owner}/log`;
      });
    return this.#deeds.filter(concerns).join("\n  ");
  }

  async #judge(): Promise<void> {
    const { figures } = this;
    for (const { parts } of this.#arena.victims) {
      for (const part of parts) figures.doubles += part.takeDoubles();
    }
    for (const { main, path, pipe } of this.#arena.victims) {
      const times = main.takeDeadPipes();
      const flaws = pipe.judge(times);
      figures.deadPipes += flaws.length;
      figures.excusedDeadPipes += times.length - flaws.length;
      if (flaws.length === 0 || this.#arena.isReference) continue;
      const when = Math.round(flaws[0]! - performance.timeOrigin);
      this.#fail(`${path}: no reader at ${when}\n  ${this.#deedsTo(path)}`);
    }
    let strays: number[] = [];
    await waitFor(() => (strays = this.#arena.strays()).length === 0, {
      what: "",
      timeoutMs: this.#arena.isReference ? REFERENCE_SETTLE_MS : SETTLE_MS,
    })
      .catch(() => {
        figures.strays += strays.length;
        if (!this.#arena.isReference) this.#fail(`strays: ${strays.map(commandLine).join("; ")}`);
        // Somebody cleans up, so that the next round is about something else.
        for (const pid of strays) kill(pid, "SIGKILL");
      });
    // An executable may just be asked for its version.
    const most = (this.#first?.descriptors ?? Infinity) + this.#arena.mostForShelves;
    await waitFor(() => this.#arena.descriptorCount() <= most, { what: "" }).catch(() => {});
    const descriptors = this.#arena.descriptorCount();
    const memoryKb = this.#arena.memoryKb();
    figures.mostDescriptors = Math.max(figures.mostDescriptors, descriptors);
    figures.mostMemoryKb = Math.max(figures.mostMemoryKb, memoryKb);
    this.#first ??= { descriptors, memoryKb };
    if (this.#arena.isReference) return;
    if (descriptors > most) {
      this.#fail(`svscan has ${descriptors} descriptors, ${this.#first.descriptors} at first`);
    }
    if (memoryKb > this.#first.memoryKb + MEMORY_GROWTH_KB) {
      this.#fail(`svscan has ${memoryKb} kB, ${this.#first.memoryKb} kB at first`);
    }
  }

  #sumUp(): void {
    const sum = (key: "lines" | "excused" | "lost" | "repeated" | "invented" | "broken") =>
      this.#arena.victims.reduce((total, { accountant }) => total + accountant.account[key], 0);
    this.figures.lines = sum("lines");
    this.figures.excusedLines = sum("excused");
    this.figures.lostLines = sum("lost");
    this.figures.repeatedLines = sum("repeated");
    this.figures.inventedLines = sum("invented");
    this.figures.brokenLines = sum("broken");
    this.figures.excuses = this.#arena.victims.reduce(
      (total, { accountant }) => total + accountant.excuses,
      0,
    );
  }

  #note(deed: string): void {
    this.#deeds.push(`${Math.round(performance.now())} ${deed}`);
  }

  #fail(text: string): void {
    this.figures.failures.push(`round ${this.figures.rounds}: ${text}`);
  }
}

/** A pipe that svscan does not hold is dropped when the service and the logger are both dead. */
function excuseDeadPipe({ main, log, accountant }: Victim): void {
  if (main.livePid === 0 && log.livePid === 0) accountant.excuse(false);
}

function commandLine(pid: number): string {
  try {
    return `${pid} ${Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ")}`;
  } catch {
    return `${pid}`;
  }
}
