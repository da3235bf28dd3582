/**
 * Stand-in for `@std/fs/exists` where JSR cannot be reached: without its options.
 *
 * @see jsr:@std/fs/exists
 */

/** Tells whether a path leads to something: a link to nothing does not, what is hidden does. */
export function existsSync(path: string | URL): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.PermissionDenied) return true;
    throw error;
  }
}
