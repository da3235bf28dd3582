/** Waiting for a child that shares our terminal. */

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
