/** One service on a file system that is frozen stops nobody else. As root, where loop devices are. */

import { assertEquals } from "@std/assert";
import { tempDir } from "../support/temp.ts";
import { isReference, ROOT, run, TOOLS_DIR } from "../support/tools.ts";

const SCRIPT = `${ROOT}/tests/fixtures/frozen_storage.sh`;

/** Whether a file system of our own can be made, mounted and frozen here. */
async function canFreeze(): Promise<boolean> {
  if (Deno.uid() !== 0) return false;
  await using dir = await tempDir();
  const script = 'cd "$1" && truncate -s 16M image && mkfs.ext4 -q image && mkdir disk && ' +
    "mount -o loop image disk && fsfreeze -f disk && fsfreeze -u disk && umount disk";
  const { code } = await run("/usr/bin/unshare", ["--mount", "sh", "-c", script, "sh", dir.path])
    .catch(() => ({ code: 1 }));
  return code === 0;
}

Deno.test({
  name: "svscan restarts services, and they obey, while the file system of another is frozen",
  // Each supervise of the C tools is a process, so that there is nothing to see.
  ignore: isReference || !(await canFreeze()),
  async fn() {
    await using dir = await tempDir();
    const args = ["--mount", SCRIPT, TOOLS_DIR, dir.path];
    const { stdout, stderr } = await run("/usr/bin/unshare", args, { timeoutMs: 60_000 });
    assertEquals(stdout.trimEnd().split("\n"), [
      "the other service was restarted",
      "the other service obeys",
      "the service on the frozen disk waits",
      "the service on the thawed disk was restarted",
      "svscan ended in order",
    ], stderr);
  },
});
