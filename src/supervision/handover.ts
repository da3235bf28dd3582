/**
 * What a svscan or supervise hands over to the executable that takes its place, as JSON: the
 * descriptors of each service. States and wants are in the process records.
 */

import { type Bytes, decode, encode } from "../base/bytes.ts";
import { isStored, type SavedShelf } from "./descriptor_store.ts";
import type { PipeEnds } from "./log_pipe.ts";
import type { Asker } from "./observer.ts";
import type { SavedSchedule } from "./start_schedule.ts";

/**
 * Of the layout: the second has shelves, where there are some. A successor that does not know it
 * goes on by the process records alone.
 */
const VERSIONS = { plain: 1, withShelves: 2 } as const;

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
  /** Who asked its process to end; absent when nobody did. */
  readonly askedBy?: Asker | undefined;
  /** Children that were the service's process before `MAINPID` named another one, and run. */
  readonly earlierPids?: readonly number[] | undefined;
  /** The pipe over which it will say that it is ready, if it has not. */
  readonly notificationFd?: number | undefined;
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

/** What shows errors in a process title. */
export interface HandedTitle {
  /** The reading end of what everybody complains to. */
  readonly readFd: number;
  /** What was standard error when it began. */
  readonly errorFd: number;
  /** The process id of readproctitle; absent while there is none. */
  readonly pid?: number | undefined;
}

/** Everything that is handed over. */
export interface Handover {
  /** The services; absent when it is svscanboot that hands over, and nothing has begun. */
  readonly services?: readonly HandedService[] | undefined;
  /** The title of errors: what there is of it, or that it is wanted. */
  readonly errorTitle?: HandedTitle | "wanted" | undefined;
  /** What is put away; its numbers are in the place of descriptors. */
  readonly shelves?: readonly SavedShelf[] | undefined;
}

/** Encodes what is handed over. */
export function encodeHandover({ services, errorTitle, shelves = [] }: Handover): Bytes {
  const named = services?.map(({ name, ...rest }) => ({ ...rest, name: [...name] }));
  const plain = { version: VERSIONS.plain, services: named, errorTitle };
  const all = shelves.length === 0 ? plain : { ...plain, version: VERSIONS.withShelves, shelves };
  return encode(JSON.stringify(all));
}

/** Decodes what is handed over; undefined when another version has encoded it. */
export function decodeHandover(bytes: Bytes): Handover | undefined {
  try {
    const { version, services, errorTitle, shelves } = JSON.parse(decode(bytes));
    if (!Object.values(VERSIONS).includes(version)) return undefined;
    const named = services as (Omit<HandedService, "name"> & { name: number[] })[] | undefined;
    return {
      services: named?.map((service) => ({ ...service, name: new Uint8Array(service.name) })),
      errorTitle,
      shelves,
    };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The descriptors that are handed over. */
export function handedDescriptors(
  { services = [], errorTitle, shelves = [] }: Handover,
): number[] {
  const ofShelves = shelves.flatMap(({ putFd, findFd }) => [putFd, findFd]);
  const ofTitle = typeof errorTitle === "object" ? [errorTitle.readFd, errorTitle.errorFd] : [];
  const ofServices = services.flatMap(({ main, log, pipe }) => [
    ...[main, log].flatMap((part) =>
      part === undefined ? [] : [
        part.directoryFd,
        part.lockFd,
        part.controlFd,
        part.okFd,
        ...(part.notificationFd === undefined ? [] : [part.notificationFd]),
      ]
    ),
    ...(pipe === undefined ? [] : [pipe.readFd, pipe.writeFd]),
  ]);
  const open = ofServices.filter((number) => !isStored(number));
  return [...ofTitle, ...ofShelves, ...open];
}
