/** Starting a child that shares our terminal, and waiting for it. */

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Lets an interrupt, which a child at the same terminal gets too, end only the child. */
export async function ignoringInterrupts<T>(action: () => Promise<T>): Promise<T> {
  const ignore = (): void => {};
  for (const name of SIGNALS) Deno.addSignalListener(name, ignore);
  try {
    return await action();
  } finally {
    for (const name of SIGNALS) Deno.removeSignalListener(name, ignore);
  }
}

/**
 * The directory to start a child in: ours, or `/` if we were started in one that we may not enter.
 * A child is put into it by name, which fails there although being in it does not.
 *
 * @returns an absolute path
 */
export function childDirectory(): string {
  try {
    Deno.statSync("./.");
    return Deno.cwd();
  } catch (error) {
    // It may also be gone.
    if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotFound) {
      return "/";
    }
    throw error;
  }
}
