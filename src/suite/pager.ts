/** Showing a text that may be longer than the screen. */

import { childDirectory, ignoringInterrupts } from "./child.ts";

/** From this exit code on, a shell has not run its command. */
const COMMAND_NOT_RUN = 126;

/**
 * Shows a text in the user's pager, if standard output is a terminal and there is a pager.
 *
 * @returns whether it was shown
 */
export async function showInPager(text: string): Promise<boolean> {
  if (!Deno.stdout.isTerminal()) return false;
  const pager = new Deno.Command("/bin/sh", {
    args: ["-c", "exec ${PAGER:-less}"],
    cwd: childDirectory(),
    // Colours as they are; none of it when the text fits the screen.
    env: { LESS: Deno.env.get("LESS") ?? "FRX" },
    stdin: "piped",
    stderr: "null",
  }).spawn();
  // It may be left before it has read all.
  const feeding = new Blob([text]).stream().pipeTo(pager.stdin).catch(() => {});
  const { code } = await ignoringInterrupts(() => pager.status);
  await feeding;
  return code < COMMAND_NOT_RUN;
}
