/**
 * Becoming another version of ourselves in this process: descriptors stay open, signals that arrive
 * meanwhile wait, and what is in memory travels in a file in memory (memfd), which an environment
 * variable names.
 */

import { type Bytes, concat, cString, decode, encode } from "../../base/bytes.ts";
import { CWD } from "../../base/kernel_constants.ts";
import { ignoreSystemError } from "../../base/system_error.ts";
import { F, fcntlH, FD_CLOEXEC, memfdH, MFD_CLOEXEC } from "../../libc/fcntl_h.ts";
import { CStringArray, memoryAt } from "../../libc/memory.ts";
import type { ExecAttributes, Inheritance, ResourceLimit, Succession } from "../kernel.ts";
import { checkResult } from "./check_result.ts";
import { executeWith } from "./exec_attributes.ts";
import { linuxFiles } from "./files.ts";
import { maskForChild, setMaskForChildren } from "./inherited_signals.ts";
import type { DescriptorLimits } from "./processes.ts";

const VARIABLE = "DAEMONTOOLS_HANDOVER=";
/** Of the auxiliary vector: where the path is that was executed. @see getauxval(3) */
const AT_EXECFN = 31n;
const LONGEST_PATH = 4096;
const NO_ATTRIBUTES: ExecAttributes = { limits: [], descriptors: [] };

/** What travels beside the message. Numbers of 64 bits are text. */
interface Header {
  readonly descriptors: readonly number[];
  readonly mask: readonly number[] | undefined;
  readonly limit: readonly [soft: string, hard: string] | undefined;
  readonly limits: readonly (readonly [resource: number, soft: string, hard: string])[];
  readonly moves: ExecAttributes["descriptors"];
}

/** See {@linkcode Succession.executablePath}. */
function executablePath(): Bytes {
  const fd = linuxFiles.openRead(CWD, "/proc/self/auxv");
  const vector = new Uint8Array(4096);
  const length = linuxFiles.read(fd, vector);
  linuxFiles.close(fd);
  const view = new DataView(vector.buffer);
  for (let at = 0; at + 16 <= length; at += 16) {
    if (view.getBigUint64(at, true) !== AT_EXECFN) continue;
    const path = stringAt(view.getBigUint64(at + 8, true));
    if (path[0] === "/".charCodeAt(0)) return path;
    return concat(linuxFiles.readLink(CWD, "/proc/self/cwd"), "/", path);
  }
  return encode("/proc/self/exe");
}

/** A string that the kernel has put above our stack; it ends before the page behind it does. */
function stringAt(address: bigint): Bytes {
  const bytes: number[] = [];
  for (let at = address; bytes.length < LONGEST_PATH; at++) {
    const byte = memoryAt(at, 1)[0]!;
    if (byte === 0) break;
    bytes.push(byte);
  }
  return new Uint8Array(bytes);
}

function closeOnExec(fd: number, closes: boolean): void {
  checkResult("fcntl", fcntlH.fcntl(fd, F.SETFD, closes ? FD_CLOEXEC : 0));
}

function toText({ soft, hard }: ResourceLimit): [string, string] {
  return [String(soft), String(hard)];
}

function toLimit([soft, hard]: readonly [string, string]): ResourceLimit {
  return { soft: BigInt(soft), hard: BigInt(hard) };
}

function writeMemory(bytes: Bytes): number {
  const fd = checkResult("memfd_create", memfdH.memfd_create(cString("handover"), MFD_CLOEXEC));
  for (let at = 0; at < bytes.length;) at += linuxFiles.write(fd, bytes.subarray(at));
  linuxFiles.seek(fd, 0);
  return fd;
}

/** Whether a descriptor leads to what {@linkcode writeMemory} has made. */
function isHandover(fd: number): boolean {
  try {
    return decode(linuxFiles.readLink(CWD, `/proc/self/fd/${fd}`)).startsWith("/memfd:handover");
  } catch (error) {
    ignoreSystemError(error);
    return false;
  }
}

function readMemory(fd: number): Bytes {
  const parts: Bytes[] = [];
  for (;;) {
    const part = new Uint8Array(65536);
    const count = linuxFiles.read(fd, part);
    if (count <= 0) return concat(...parts);
    parts.push(part.subarray(0, count));
  }
}

/**
 * {@linkcode Succession} by execve.
 *
 * @param limits shared with who starts children
 */
export function linuxSuccession(limits: DescriptorLimits): Succession {
  return {
    executablePath,
    succeed({ path, argv, environment, attributes, descriptors, message }) {
      const moved = attributes.descriptors.map(({ from }) => from);
      const kept = [...new Set([...descriptors, ...moved])];
      const mask = maskForChild([]);
      const header: Header = {
        descriptors: kept,
        mask: mask && [...mask],
        limit: limits.forChildren && toText(limits.forChildren),
        limits: attributes.limits.map(({ resource, limit }) => [resource, ...toText(limit)]),
        moves: attributes.descriptors,
      };
      const memoryFd = writeMemory(concat(JSON.stringify(header), "\n", message));
      const all = [...kept, memoryFd];
      try {
        for (const fd of all) closeOnExec(fd, false);
        const variables = [...environment, encode(`${VARIABLE}${memoryFd}`)];
        // With our mask: a signal that comes before the successor listens waits for it.
        const argvBlock = new CStringArray(argv);
        throw executeWith(NO_ATTRIBUTES, cString(path), argvBlock, new CStringArray(variables));
      } finally {
        for (const fd of all) closeOnExec(fd, true);
        linuxFiles.close(memoryFd);
      }
    },
    takeInheritance(environment): Inheritance | undefined {
      const isOurs = (variable: Bytes) => decode(variable).startsWith(VARIABLE);
      const variable = environment.find(isOurs);
      if (variable === undefined) return undefined;
      const memoryFd = Number(decode(variable).slice(VARIABLE.length));
      // Somebody may have kept the variable, or made it up.
      if (!isHandover(memoryFd)) return undefined;
      const bytes = readMemory(memoryFd);
      linuxFiles.close(memoryFd);
      const end = bytes.indexOf(0x0a);
      const header: Header = JSON.parse(decode(bytes.subarray(0, end)));
      for (const fd of header.descriptors) closeOnExec(fd, true);
      if (header.mask !== undefined) setMaskForChildren(new Uint8Array(header.mask));
      if (header.limit !== undefined) limits.forChildren = toLimit(header.limit);
      return {
        environment: environment.filter((each) => !isOurs(each)),
        attributes: {
          limits: header.limits.map(([resource, ...limit]) => ({
            resource,
            limit: toLimit(limit),
          })),
          descriptors: header.moves,
        },
        descriptors: header.descriptors,
        message: bytes.slice(end + 1),
      };
    },
  };
}
