/** A small machine with its own root, mounts and process ids, for what is done to a whole one. */

import { ensureDir } from "@std/fs/ensure-dir";
import { existsSync } from "@std/fs/exists";
import { copyExecutable, waitForWriters, writeExecutable } from "./executable.ts";
import { ROOT, run, type RunResult } from "./tools.ts";

const ENTER = ["--mount", "--pid", "--net", "--fork", "--kill-child"];

/**
 * Does what systemd does with the unit: starts the main process again when it dies, and signals it
 * alone, with KillMode=process. With any other mode the unit would need another systemctl.
 */
const SYSTEMCTL = `#!/bin/sh
echo "systemctl $*" >>/var/boot.log
unit=/etc/systemd/system/daemontools.service
is_alive() { grep -qs '^State:.[^Z]' /proc/$1/status; }
case "$1 \${2-}" in
  "start daemontools.service")
    for line in KillMode=process Restart=always RestartSec=1; do
      grep -qx "$line" $unit || exit 1
    done
    command=$(sed -n 's/^ExecStart=//p' $unit)
    rm -f /run/stopping
    (
      exec </dev/null >/dev/null 2>&1
      while [ ! -e /run/stopping ]; do
        env -i setsid $command &
        echo $! >/run/main
        wait $! || sleep 1
      done
    ) &
    until [ -s /run/main ]; do sleep 0.05; done
    ;;
  "stop daemontools.service")
    : >/run/stopping
    read -r main </run/main
    kill -TERM $main
    while is_alive $main; do sleep 0.05; done
    ;;
esac
`;

/** Files with which a machine looks like one of systemd; `systemctl` notes its arguments. */
export const SYSTEMD_FILES: Readonly<Record<string, string>> = {
  "run/systemd/system/.made": "",
  "sbin/systemctl": SYSTEMCTL,
};

/** Whether such machines can be had here: it takes root, and a kernel that lets root do it. */
export const hasMachines: boolean = Deno.uid() === 0 &&
  (await new Deno.Command("unshare", { args: [...ENTER, "mount", "--make-rprivate", "/"] })
    .output().catch(() => ({ success: false }))).success;

/** Whether such machines can reach themselves by 127.0.0.1. */
export const hasLoopback: boolean = hasMachines &&
  ["/sbin/ip", "/usr/sbin/ip", "/sbin/ifconfig", "/usr/sbin/ifconfig"].some((path) =>
    existsSync(path)
  );

const LONG = Boolean(Deno.env.get("DAEMONTOOLS_TEST_LONG"));
/**
 * A Debian tree made by debootstrap, for machines with a `/usr` of their own; made once. There is
 * none unless `DAEMONTOOLS_TEST_LONG` is set and it can be had.
 *
 * @param name what the tree is called
 * @param packages what is in it besides the least that Debian consists of
 * @returns its path
 */
export async function makeDebianTree(
  name: string,
  packages: readonly string[],
): Promise<string | undefined> {
  if (!LONG || !hasMachines) return undefined;
  const tree = `${ROOT}/build/${name}`;
  const release = await Deno.readTextFile("/etc/os-release");
  const suite = /^ID=debian$/m.test(release)
    ? /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? "stable"
    : "stable";
  // Several test files may want it at the same time: the first makes it, the others wait.
  const script = `[ -d "$0" ] || { rm -rf "$0.next" &&
    timeout 600 debootstrap --variant=minbase --include="$2" "$1" "$0.next" &&
    mv "$0.next" "$0"; }`;
  const args = [`${tree}.lock`, "/bin/sh", "-c", script, tree, suite, packages.join(",")];
  const { success } = await new Deno.Command("flock", { args, stdout: "null", stderr: "null" })
    .output().catch(() => ({ success: false }));
  return success ? tree : undefined;
}

/** Such a tree with the reader of manual pages. */
export const debianTree: string | undefined = await makeDebianTree("debian-tree", ["man-db"]);

/** What is added to the files of a machine, or of its tree. */
const LINES: Readonly<Record<string, string>> = {
  "etc/passwd":
    "web:x:990:990::/nonexistent:/bin/false\nweblog:x:991:991::/nonexistent:/bin/false\n",
  "etc/group": "web:x:990:\nweblog:x:991:\n",
};
const FILES: Readonly<Record<string, string>> = {
  "etc/passwd": "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/nonexistent:/bin/false\n",
  "etc/group": "root:x:0:\nnogroup:x:65534:\n",
  "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
  "etc/hosts": "127.0.0.1 localhost\n",
};

/**
 * Makes the root directory of a machine. Its `/usr` and `/dev` are ours; it has the accounts
 * `nobody`, `web` and `weblog`.
 *
 * @param path the root directory, which exists
 * @param files further files: a path without a leading slash, and the contents. Those that begin
 *   with `#!` are executable.
 * @param tree a tree to copy, which then has a `/usr` of its own
 */
export async function makeMachine(
  path: string,
  files: Record<string, string>,
  tree?: string,
): Promise<void> {
  if (tree !== undefined) {
    const { code, stderr } = await run("/bin/cp", ["-a", `${tree}/.`, path], {
      timeoutMs: 240_000,
    });
    if (code !== 0) throw new Error(stderr);
  }
  for (const directory of ["etc", "tmp", "var", "run", "srv", "local/bin"]) {
    await ensureDir(`${path}/${directory}`);
  }
  await Deno.chmod(`${path}/tmp`, 0o1777);
  const all = tree === undefined ? { ...FILES, ...files } : files;
  for (const [name, contents] of Object.entries(all)) {
    await ensureDir(`${path}/${name}`.replace(/\/[^/]*$/, ""));
    await Deno.writeTextFile(`${path}/${name}`, contents);
    await Deno.chmod(`${path}/${name}`, contents.startsWith("#!") ? 0o755 : 0o644);
    await waitForWriters(`${path}/${name}`);
  }
  for (const [name, lines] of Object.entries(LINES)) {
    await Deno.writeTextFile(`${path}/${name}`, lines, { append: true });
  }
}

/**
 * Runs a script on a machine, as its first process: when it ends, all that it started is ended.
 *
 * @param path the machine's root directory
 * @param script what /bin/sh is to run; it stops at the first failure
 * @param timeoutMs when to give up, in milliseconds
 */
export async function runOnMachine(
  path: string,
  script: string,
  timeoutMs = 240_000,
): Promise<RunResult> {
  await Deno.writeTextFile(`${path}/tmp/script`, `set -eu\n${script}\n`);
  const args = [...ENTER, "/bin/sh", `${ROOT}/tests/fixtures/enter_root.sh`, path, "/tmp/script"];
  return await run("/usr/bin/unshare", args, { timeoutMs });
}

/** Lays out the files of a release in a directory, with this executable. */
export async function layOutRelease(directory: string, executable: string): Promise<void> {
  await ensureDir(directory);
  const scripts = `${ROOT}/scripts`;
  for (const name of ["install", "install.sh", "uninstall.sh"]) {
    const { code, stderr } = await run("/bin/cp", ["-R", `${scripts}/${name}`, directory]);
    if (code !== 0) throw new Error(stderr);
  }
  await copyExecutable(executable, `${directory}/daemontools`);
}

/**
 * Makes an executable of another version out of ours: the same program, with other digits.
 *
 * @param to the file to write
 * @param version as long as ours
 */
export async function makeOtherVersion(to: string, version: string): Promise<void> {
  const bytes = await Deno.readFile(`${ROOT}/build/daemontools`);
  const marker = new TextEncoder().encode('VERSION="');
  let found = 0;
  // What is ours is behind the base runtime, at the end.
  for (let at = bytes.length - 2_000_000; at < bytes.length - 64; at++) {
    if (bytes[at] !== marker[0] || !marker.every((byte, index) => bytes[at + index] === byte)) {
      continue;
    }
    bytes.set(new TextEncoder().encode(version), at + marker.length);
    found++;
  }
  if (found === 0) throw new Error("no version found in the executable");
  await writeExecutable(to, bytes);
}
