/**
 * Executables that can be executed as soon as they are there.
 *
 * What a test beside this one starts has, until it executes its program, a copy of all that this
 * process has open; and nobody can execute a file while it is open for writing anywhere: "text file
 * busy".
 */

import { waitFor } from "./wait.ts";

/** @see fcntl(2), linux/fcntl.h */
const F_SETLEASE = 1024;
const F_RDLCK = 0;

const libc = Deno.dlopen("libc.so.6", {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
}).symbols;

/**
 * Tells whether a file of ours is open for writing in any process: then no lease for reading is to be
 * had.
 *
 * @throws {Error} when it cannot be opened
 */
export function isOpenForWriting(path: string): boolean {
  const fd = libc.open(new TextEncoder().encode(`${path}\0`), 0);
  if (fd < 0) throw new Error(`unable to open ${path}`);
  const isLeased = libc.fcntl(fd, F_SETLEASE, F_RDLCK) === 0;
  libc.close(fd);
  return !isLeased;
}

/** Waits until a file can be executed. */
export async function waitForWriters(path: string): Promise<void> {
  await waitFor(() => !isOpenForWriting(path), { what: `nobody to have ${path} open for writing` });
}

/** Writes an executable. */
export async function writeExecutable(path: string, contents: string | Uint8Array): Promise<void> {
  const bytes = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
  await Deno.writeFile(path, bytes);
  await Deno.chmod(path, 0o755);
  await waitForWriters(path);
}

/** Copies an executable. */
export async function copyExecutable(from: string, to: string): Promise<void> {
  await Deno.copyFile(from, to);
  await waitForWriters(to);
}
