/**
 * What a svscan or supervise hands over to the executable that takes its place, as JSON: the
 * descriptors of each service. States and wants are in the process records.
 */

import { type Bytes, decode, encode } from "../base/bytes.ts";
import type { PipeEnds } from "./log_pipe.ts";
import type { SavedSchedule } from "./start_schedule.ts";

/** Of the layout. A successor that does not know it goes on by the process records alone. */
const VERSION = 1;

/** What is open of a supervised directory. */
export interface HeldDescriptors {
  /** The directory. */
  readonly directoryFd: number;
  /** Its lock, held. */
  readonly lockFd: number;
  /** Its control FIFO, with the letters that nobody has read yet. */
  readonly controlFd: number;
  /** What lets svok succeed. */
  readonly okFd: number;
}

/** A supervised directory. */
export interface HandedDirectory extends HeldDescriptors {
  /** How long until the service is to be started, in milliseconds; absent when it is not. */
  readonly startInMs?: number | undefined;
  /** How long until its process is to be killed, in milliseconds; absent when it is not. */
  readonly killInMs?: number | undefined;
  /** The pace of its starts. */
  readonly schedule: SavedSchedule;
}

/** One service. */
export interface HandedService {
  /** What tells its directory from others. */
  readonly identity: string;
  /** Its name, as last met. */
  readonly name: Bytes;
  /** The service itself, if it is supervised. */
  readonly main?: HandedDirectory | undefined;
  /** Its logger, if it is supervised. */
  readonly log?: HandedDirectory | undefined;
  /** What joins the two. */
  readonly pipe?: PipeEnds | undefined;
}

/** Encodes services. */
export function encodeHandover(services: readonly HandedService[]): Bytes {
  const named = services.map(({ name, ...rest }) => ({ ...rest, name: [...name] }));
  return encode(JSON.stringify({ version: VERSION, services: named }));
}

/** Decodes services; undefined when another version has encoded them. */
export function decodeHandover(bytes: Bytes): HandedService[] | undefined {
  try {
    const { version, services } = JSON.parse(decode(bytes));
    if (version !== VERSION) return undefined;
    return (services as (Omit<HandedService, "name"> & { name: number[] })[])
      .map((service) => ({ ...service, name: new Uint8Array(service.name) }));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The descriptors of services. */
export function handedDescriptors(services: readonly HandedService[]): number[] {
  return services.flatMap(({ main, log, pipe }) => [
    ...[main, log].flatMap((part) =>
      part === undefined ? [] : [part.directoryFd, part.lockFd, part.controlFd, part.okFd]
    ),
    ...(pipe === undefined ? [] : [pipe.readFd, pipe.writeFd]),
  ]);
}
