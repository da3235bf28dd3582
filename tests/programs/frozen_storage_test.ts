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

/** Whether a file system can be had here whose server is a process. */
async function canStop(): Promise<boolean> {
  if (Deno.uid() !== 0) return false;
  await using dir = await tempDir();
  const script = 'cd "$1" && mkdir a b && bindfs a b && umount b';
  const { code } = await run("/usr/bin/unshare", ["--mount", "sh", "-c", script, "sh", dir.path])
    .catch(() => ({ code: 1 }));
  return code === 0;
}

// Each supervise of the C tools is a process, so that there is nothing to see.
const CASES = [
  { kind: "freeze", what: "frozen", ignore: isReference || !(await canFreeze()) },
  { kind: "stop", what: "of a stopped server", ignore: isReference || !(await canStop()) },
];

for (const { kind, what, ignore } of CASES) {
  Deno.test({
    name: `svscan looks after services while the file system of others is ${what}`,
    ignore,
    async fn() {
      await using dir = await tempDir();
      const args = ["--mount", SCRIPT, TOOLS_DIR, dir.path, kind];
      const { stdout, stderr } = await run("/usr/bin/unshare", args, { timeoutMs: 480_000 });
      assertEquals(stdout.trimEnd().split("\n"), [
        "the other service was restarted",
        "the other service obeys",
        "a new service was started",
        "a service that came back was started",
        ...(kind === "stop" ? ["another svscan took over the other services"] : []),
        "the services on the frozen disk wait",
        "the service on the thawed disk was restarted",
        "the new service on it was started",
        "svscan ended in order",
      ], stderr);
    },
  });
}
