/**
 * Loggers that need no process of their own: those whose run script is plain, and which is our own
 * multilog, maybe behind our own setuidgid.
 */

import { baseName, type Bytes, decode } from "../base/bytes.ts";
import { SystemError, unlessMissing } from "../base/system_error.ts";
import type { Kernel } from "../system/kernel.ts";
import { parsePlainScript } from "./plain_script.ts";
import { candidatePaths } from "./programs.ts";

const [EXCLAMATION_MARK, DOT, SLASH, EQUALS] = [0x21, 0x2e, 0x2f, 0x3d];
/** The input, and the directory of the logger. */
const STREAM_DESCRIPTORS = 2;
/** The directory, its lock, `current`, and what was `current` until it is on the disk. */
const DIRECTORY_DESCRIPTORS = 4;
/** What a processor reads and writes: two files, and its state before and after. */
const PROCESSOR_DESCRIPTORS = 4;
/** An old file, and what is made of it. */
const COMPRESSOR_DESCRIPTORS = 2;
/** A run script that is longer is none that anybody would call plain. */
const LONGEST_SCRIPT = 65536;
/** A file of this name keeps a logger in a process of its own. */
const OWN_PROCESS = "own-process";

/** What is needed of the kernel. */
export type HostedLogKernel = Pick<
  Kernel,
  | "close"
  | "isExecutable"
  | "isOwnExecutable"
  | "openRead"
  | "read"
  | "statFd"
  | "statLink"
>;

/** A logger that can run in a log host. */
export interface HostedLogPlan {
  /** The path of our own executable that the script means by multilog. */
  readonly executable: Bytes;
  /** The account that it runs as; ours if absent. */
  readonly account: Bytes | undefined;
  /** The words of multilog's script. */
  readonly args: readonly Bytes[];
  /** Whether its messages go to standard output. */
  readonly joinsErrorToOutput: boolean;
  /** The mount points of the file systems that it writes to, sorted. */
  readonly mounts: readonly string[];
  /** The most descriptors that it may have open in a log host. */
  readonly descriptors: number;
}

/**
 * Reads what a logger's run script asks for.
 *
 * @param directoryFd the logger's service directory
 * @param environment in whose PATH programs are searched
 * @param mountOf the mount point below which a path leads from a directory, told without touching
 *   what is there: it may hang
 * @returns undefined when the logger needs a process, for whatever reason
 */
export function findHostedLog(
  kernel: HostedLogKernel,
  directoryFd: number,
  environment: readonly Bytes[],
  mountOf: (directoryFd: number, path: Bytes) => string,
): HostedLogPlan | undefined {
  try {
    if (unlessMissing(() => kernel.statLink(directoryFd, OWN_PROCESS)) !== undefined) return;
    const script = readScript(kernel, directoryFd);
    const plain = script && parsePlainScript(script);
    if (plain === undefined) return undefined;
    const { argv, joinsErrorToOutput } = plain;
    const isOf = (word: Bytes | undefined, name: string): boolean =>
      word !== undefined && decode(baseName(word)) === name;
    const isChain = isOf(argv[0], "setuidgid");
    if (isChain && ownPath(kernel, argv[0]!, environment) === undefined) return undefined;
    const account = isChain ? argv[1] : undefined;
    // Nobody has such a name, which must not stand for ours.
    if (account?.length === 0) return undefined;
    const [multilog, ...args] = isChain ? argv.slice(2) : argv;
    if (!isOf(multilog, "multilog")) return undefined;
    const executable = ownPath(kernel, multilog!, environment);
    if (executable === undefined) return undefined;
    const mounts = mountsOf(args, (path) => mountOf(directoryFd, path));
    return {
      executable,
      account,
      args,
      joinsErrorToOutput,
      mounts,
      descriptors: descriptorsOf(args),
    };
  } catch (error) {
    // What is wrong shows again, with a message, when the process is started.
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}

function readScript(kernel: HostedLogKernel, directoryFd: number): Bytes | undefined {
  if (!kernel.isExecutable(directoryFd, "run")) return undefined;
  const fd = kernel.openRead(directoryFd, "run");
  try {
    const { kind, size } = kernel.statFd(fd);
    if (kind !== "file" || size > LONGEST_SCRIPT) return undefined;
    const buffer = new Uint8Array(size);
    return kernel.read(fd, buffer) === size ? buffer : undefined;
  } finally {
    kernel.close(fd);
  }
}

/** The path that a program is executed by, if that is our own executable. */
function ownPath(
  kernel: HostedLogKernel,
  name: Bytes,
  environment: readonly Bytes[],
): Bytes | undefined {
  for (const path of candidatePaths(name, environment)) {
    // A script runs in its own directory, so what a relative path means there is not known here.
    if (path[0] !== SLASH) return undefined;
    const isOwn = unlessMissing(() => kernel.isOwnExecutable(path));
    if (isOwn !== undefined) return isOwn ? path : undefined;
  }
  return undefined;
}

/** The most descriptors that a stream with such a script of multilog has at a time. */
function descriptorsOf(args: readonly Bytes[]): number {
  let descriptors = STREAM_DESCRIPTORS;
  let [processor, compressor] = [0, 0];
  for (const word of args) {
    if (word[0] === EXCLAMATION_MARK) processor = PROCESSOR_DESCRIPTORS;
    else if (decode(word) === "gzip=yes") compressor = COMPRESSOR_DESCRIPTORS;
    else if (decode(word) === "gzip=no") compressor = 0;
    else if (word[0] === EQUALS) descriptors++;
    else if (isDirectory(word)) descriptors += DIRECTORY_DESCRIPTORS + processor + compressor;
  }
  return descriptors;
}

function isDirectory(word: Bytes): boolean {
  return word[0] === DOT || word[0] === SLASH;
}

/** The mount points of all directories and status files that a script of multilog names. */
function mountsOf(args: readonly Bytes[], mountOf: (path: Bytes) => string): string[] {
  const mounts = new Set<string>();
  for (const word of args) {
    const isStatus = word[0] === EQUALS;
    if (!isStatus && !isDirectory(word)) continue;
    mounts.add(mountOf(isStatus ? word.subarray(1) : word));
  }
  return [...mounts].sort();
}
