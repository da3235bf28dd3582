/** Service directories, and what their supervisor says of them. */

import { ensureDir } from "@std/fs/ensure-dir";
import { writeExecutable } from "./executable.ts";
import { run } from "./tools.ts";
import { isAlive } from "./processes.ts";
import { waitFor } from "./wait.ts";

/** What a service directory is to hold. */
export interface ServiceFiles {
  /** The run script; `#!/bin/sh` is put before a text that has no first line of its own. */
  run?: string;
  /** The log service's run script; makes `log/`. */
  logRun?: string;
  /** Whether to make `down`. */
  down?: boolean;
  /** Whether to make `log/down`. */
  logDown?: boolean;
  /** Further files: the name, which may have a directory in it, and the contents. */
  files?: Record<string, string>;
}

/** A script that stays until a signal ends it. */
export const SLEEPER = "exec sleep 1000000";

/** A script that writes numbered lines as fast as they are read, and goes on when nobody reads. */
export const COUNTER = `#!/usr/bin/perl
$SIG{PIPE} = 'IGNORE';
for (my $n = 1; ; $n++) {
  until (syswrite(STDOUT, "$n\\n")) { select(undef, undef, undef, 0.01); }
  select(undef, undef, undef, 0.002);
}`;

/**
 * Writes a service directory, and makes those above it.
 *
 * @param path the directory
 * @param service what it is to hold; without `run` a service that just stays
 * @returns the path
 */
export async function writeService(path: string, service: ServiceFiles = {}): Promise<string> {
  await ensureDir(path);
  await writeScript(`${path}/run`, service.run ?? SLEEPER);
  if (service.down) await Deno.writeTextFile(`${path}/down`, "");
  if (service.logRun !== undefined) {
    await ensureDir(`${path}/log`);
    await writeScript(`${path}/log/run`, service.logRun);
    if (service.logDown) await Deno.writeTextFile(`${path}/log/down`, "");
  }
  for (const [name, contents] of Object.entries(service.files ?? {})) {
    const file = `${path}/${name}`;
    await ensureDir(file.slice(0, file.lastIndexOf("/")));
    await Deno.writeTextFile(file, contents);
  }
  return path;
}

/**
 * Writes an executable script, whole or not at all, so that a supervisor which is already looking
 * never runs half of it.
 *
 * @param path the file
 * @param text its contents; `#!/bin/sh` is put before a text that has no first line of its own
 */
export async function writeScript(path: string, text: string): Promise<void> {
  const script = text.startsWith("#!") ? text : `#!/bin/sh\n${text}`;
  await writeExecutable(`${path}.new`, script.endsWith("\n") ? script : `${script}\n`);
  await Deno.rename(`${path}.new`, path);
}

/** What `supervise/status` says. */
export interface ServiceStatus {
  /** TAI seconds of the last change, with the TAI64 offset of 2^62 taken off. */
  readonly seconds: bigint;
  /** Nanoseconds of the last change. */
  readonly nanoseconds: number;
  /** The service's process, or 0. */
  readonly pid: number;
  /** Whether it was paused. */
  readonly paused: boolean;
  /** `u`, `d`, or nothing when neither is wanted. */
  readonly want: "u" | "d" | "";
}

const TAI64_OFFSET = 1n << 62n;

/**
 * Decodes the 18 bytes of `supervise/status`.
 *
 * @param record the file's contents
 * @returns what it says
 * @throws {Error} when it is not 18 bytes, or says what no daemontools writes
 * @see https://cr.yp.to/daemontools/supervise.html, and daemontools 0.76's supervise.c, pidchange()
 */
export function decodeServiceStatus(record: Uint8Array): ServiceStatus {
  if (record.length !== 18) throw new Error(`a status of ${record.length} bytes`);
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const [paused, want] = [view.getUint8(16), view.getUint8(17)];
  if (paused > 1) throw new Error(`a paused byte of ${paused}`);
  if (want !== 0 && want !== 0x75 && want !== 0x64) throw new Error(`a want byte of ${want}`);
  return {
    seconds: view.getBigUint64(0) - TAI64_OFFSET,
    nanoseconds: view.getUint32(8),
    pid: view.getUint32(12, true),
    paused: paused === 1,
    want: want === 0 ? "" : want === 0x75 ? "u" : "d",
  };
}

/** Reads and decodes the `supervise/status` of a service directory. */
export async function readServiceStatus(path: string): Promise<ServiceStatus> {
  return decodeServiceStatus(await Deno.readFile(`${path}/supervise/status`));
}

/**
 * Puts names in the place of what differs from run to run in svstat's output.
 *
 * @param output what svstat wrote
 * @returns the same with `PID` and `SECONDS`
 */
export function normalizeSvstat(output: string): string {
  return output.replace(/\(pid \d+\)/g, "(pid PID)").replace(/\b\d+ seconds/g, "SECONDS seconds");
}

/** What svstat says of a service, normalised, without its name. */
export async function svstat(path: string): Promise<string> {
  const { stdout } = await run("svstat", [path]);
  return normalizeSvstat(stdout).replace(`${path}: `, "").trimEnd();
}

/**
 * Waits until a service is up with a process that runs.
 *
 * @param path the service directory
 * @param otherThan a process that is not the one awaited: the one before a restart
 * @returns the process's id
 */
export async function waitForUp(path: string, otherThan = 0): Promise<number> {
  return await waitFor(async () => {
    const { pid } = await readServiceStatus(path);
    return pid !== 0 && pid !== otherThan && isAlive(pid) ? pid : false;
  }, { what: `${path} to be up`, explain: () => svstat(path) });
}

/** Waits until a service's process has ended and no other is wanted. */
export async function waitForDown(path: string): Promise<void> {
  await waitFor(async () => (await readServiceStatus(path)).pid === 0, {
    what: `${path} to be down`,
    explain: () => svstat(path),
  });
}

/** Waits until a supervisor is there for a service directory, as svok sees it. */
export async function waitForSupervisor(path: string): Promise<void> {
  await waitFor(async () => (await run("svok", [path])).code === 0, {
    what: `a supervisor of ${path}`,
  });
}
