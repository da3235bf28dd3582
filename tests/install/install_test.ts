/** Installing below another root: what is put where, refused, moved aside, upgraded, undone. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ensureDir } from "@std/fs/ensure-dir";
import { existsSync } from "@std/fs/exists";
import { GUIDES } from "../../src/suite/guides.ts";
import { PROGRAMS } from "../../src/suite/registry.ts";
import { copyExecutable } from "../support/executable.ts";
import { layOutRelease, makeOtherVersion } from "../support/machine.ts";
import { tempDir } from "../support/temp.ts";
import {
  isReference,
  ROOT,
  run as runInTime,
  type RunOptions,
  type RunResult,
} from "../support/tools.ts";

const EXECUTABLE = `${ROOT}/build/daemontools`;
const TOOLS = Object.keys(PROGRAMS);

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: isReference, fn });
}

/** Installing is many processes, and may take its time on a busy machine. */
async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return await runInTime(command, args, { timeoutMs: 240_000, ...options });
}

async function install(root: string, ...args: string[]): Promise<RunResult> {
  const script = [`${ROOT}/scripts/install.sh`, "--root", root, ...args];
  return await run("/bin/sh", script);
}

async function uninstall(root: string, ...args: string[]): Promise<RunResult> {
  const script = [`${ROOT}/scripts/uninstall.sh`, "--root", root, ...args];
  return await run("/bin/sh", script);
}

/** Every path below a directory with its kind, mode, and contents or target. */
async function snapshot(root: string): Promise<string[]> {
  const format = "%P %y %m %l %i\n";
  const { stdout } = await run("/usr/bin/find", [root, "-mindepth", "1", "-printf", format]);
  return stdout.split("\n").filter((line) => line !== "").sort();
}

async function assertOk(result: RunResult | Promise<RunResult>): Promise<string> {
  const { code, stdout, stderr } = await result;
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

const BOOT_FILES: Record<string, { before: Record<string, string>; made: string; has: string }> = {
  "systemd": {
    before: { "lib/systemd/systemd": "" },
    made: "etc/systemd/system/daemontools.service",
    has: "ExecStart=/command/svscanboot /service\n",
  },
  "inittab": {
    before: { "etc/inittab": "id:2:initdefault:\n" },
    made: "etc/inittab",
    has: "id:2:initdefault:\nSV:123456:respawn:/command/svscanboot /service\n",
  },
  "upstart": {
    before: { "sbin/initctl": "", "etc/init/rc.conf": "" },
    made: "etc/init/daemontools.conf",
    has: "exec /command/svscanboot /service\n",
  },
  "rc.local": {
    before: { "etc/rc.local": "#!/bin/sh\necho hello\nexit 0\n" },
    made: "etc/rc.local",
    has: "echo hello\n/command/svscanboot /service </dev/null >/dev/null 2>&1 &\nexit 0\n",
  },
};

for (const [method, { before, made, has }] of Object.entries(BOOT_FILES)) {
  test(`install starts svscan by ${method} where it finds that, and uninstall undoes it`, async () => {
    await using root = await tempDir();
    for (const [name, contents] of Object.entries(before)) {
      await ensureDir(root.join(name).replace(/\/[^/]*$/, ""));
      await Deno.writeTextFile(root.join(name), contents);
    }
    const texts = (): Promise<string[]> =>
      Promise.all(Object.keys(before).map((name) => Deno.readTextFile(root.join(name))));
    const names = async (): Promise<string[]> =>
      (await snapshot(root.path)).map((line) => line.replace(/ \d+$/, ""));
    const [namesBefore, textsBefore] = [await names(), await texts()];
    const said = await assertOk(install(root.path));
    assertStringIncludes(said, `svscan is started by ${method}`);
    assertStringIncludes(await Deno.readTextFile(root.join(made)), has);
    await assertOk(uninstall(root.path));
    assertEquals([await names(), await texts()], [namesBefore, textsBefore]);
  });
}

for (const shell of ["/bin/bash --posix", "/usr/bin/busybox sh", "/usr/bin/posh"]) {
  const [program = "", ...words] = shell.split(" ");
  Deno.test({
    name: `install and uninstall are understood by ${shell}`,
    ignore: isReference || !await Deno.stat(program).then(() => true, () => false),
    fn: async () => {
      await using root = await tempDir();
      await Deno.mkdir(root.join("etc"));
      await Deno.writeTextFile(root.join("etc/inittab"), "id:2:initdefault:\n");
      const before = await snapshot(root.path);
      const scripts = `${ROOT}/scripts`;
      await assertOk(run(program, [...words, `${scripts}/install.sh`, "--root", root.path]));
      await assertOk(run(program, [...words, `${scripts}/install.sh`, "--root", root.path]));
      const inittab = await Deno.readTextFile(root.join("etc/inittab"));
      assertStringIncludes(inittab, "id:2:initdefault:\nSV:123456:respawn:/command/svscanboot");
      await assertOk(run(program, [...words, `${scripts}/uninstall.sh`, "--root", root.path]));
      const names = (lines: string[]): string[] => lines.map((line) => line.replace(/ \d+$/, ""));
      assertEquals(names(await snapshot(root.path)), names(before));
    },
  });
}

test("install names systemd's unit svscan too, unless something else has that name", async () => {
  await using root = await tempDir();
  const units = "etc/systemd/system";
  await assertOk(install(root.path, "--boot", "systemd"));
  assertEquals(await Deno.readLink(root.join(`${units}/svscan.service`)), "daemontools.service");
  await assertOk(uninstall(root.path));
  assertEquals(await snapshot(root.path), []);

  await ensureDir(root.join(units));
  await Deno.writeTextFile(root.join(`${units}/svscan.service`), "theirs");
  const before = await snapshot(root.path);
  const said = await assertOk(install(root.path, "--boot", "systemd"));
  assertStringIncludes(said, `/${units}/svscan.service is something else's; it stays as it is\n`);
  await assertOk(uninstall(root.path));
  assertEquals(await snapshot(root.path), before);
});

Deno.test({
  name:
    "install gives systemd a unit that it finds no fault with, and that outlives killed services",
  ignore: isReference || !existsSync("/usr/bin/systemd-analyze"),
  fn: async () => {
    await using root = await tempDir();
    await assertOk(install(root.path, "--boot", "systemd"));
    const unit = root.join("etc/systemd/system/daemontools.service");
    const text = (await Deno.readTextFile(unit)).replace("/command/", root.join("command/"));
    await Deno.writeTextFile(unit, text);
    const verified = await run("/usr/bin/systemd-analyze", ["verify", "--man=no", unit]);
    assertEquals([verified.code, verified.stderr], [0, ""]);
    assertStringIncludes(text, "\nOOMPolicy=continue\n");
  },
});

test("install makes a boot file where there is none, and uninstall removes it", async () => {
  await using root = await tempDir();
  await assertOk(install(root.path, "--boot", "rc.local"));
  assertStringIncludes(await Deno.readTextFile(root.join("etc/rc.local")), "#!/bin/sh\n/command/");
  await assertOk(uninstall(root.path));
  assertEquals(await snapshot(root.path), []);
  assertStringIncludes((await install(root.path, "--boot", "inittab")).stderr, "there is no ");
});

test("install makes links, manual pages and completions, and lists them", async () => {
  await using root = await tempDir();
  await assertOk(install(root.path, "--no-boot"));
  for (const tool of TOOLS) {
    assertEquals(await Deno.readLink(root.join(`command/${tool}`)), "daemontools");
    assertEquals(await Deno.readLink(root.join(`usr/local/bin/${tool}`)), `/command/${tool}`);
    await Deno.stat(root.join(`usr/local/share/man/man8/${tool}.8`));
    await Deno.stat(root.join(`usr/local/share/bash-completion/completions/${tool}`));
    await Deno.stat(root.join(`usr/local/share/fish/vendor_completions.d/${tool}.fish`));
  }
  for (const guide of Object.keys(GUIDES)) {
    await Deno.stat(root.join(`usr/local/share/man/man7/daemontools-${guide}.7`));
  }
  await Deno.stat(root.join("usr/local/share/zsh/site-functions/_daemontools"));
  assertEquals((await Deno.stat(root.join("service"))).mode! & 0o7777, 0o755);
  const { stdout } = await run(root.join("command/svok"), ["--help"]);
  assertStringIncludes(stdout, "svok dir");
  const list = await Deno.readTextFile(root.join("usr/local/share/daemontools/installed"));
  assertStringIncludes(list, "\nlink\t/command/svc\tdaemontools\n");
  assertEquals((await snapshot(root.path)).filter((line) => line.startsWith("etc")), []);
});

test("install does the same from the executable alone", async () => {
  await using one = await tempDir();
  await using other = await tempDir();
  await using elsewhere = await tempDir();
  await assertOk(install(one.path));
  await copyExecutable(EXECUTABLE, elsewhere.join("daemontools"));
  const env = { TMPDIR: elsewhere.path };
  const args = ["install", "--root", other.path];
  await assertOk(run(elsewhere.join("daemontools"), args, { cwd: elsewhere.path, env }));
  const same = async (path: string): Promise<string[]> =>
    (await snapshot(path)).map((line) => line.replace(/ \d+$/, ""));
  assertEquals(await same(one.path), await same(other.path));
  await assertOk(run(elsewhere.join("daemontools"), ["uninstall", "--root", other.path], { env }));
  assertEquals(await snapshot(other.path), []);
  assertEquals((await snapshot(elsewhere.path)).length, 1);
});

test("install obeys --prefix, --service-dir and --boot", async () => {
  await using root = await tempDir();
  const options = ["--prefix", "/opt/dt", "--service-dir=/etc/service", "--boot", "systemd"];
  const said = await assertOk(install(root.path, ...options));
  assertStringIncludes(said, "Services do not have /opt/dt/bin on PATH");
  assertEquals(await Deno.readLink(root.join("opt/dt/bin/svc")), "daemontools");
  const unit = await Deno.readTextFile(root.join("etc/systemd/system/daemontools.service"));
  assertStringIncludes(unit, "ExecStart=/opt/dt/bin/svscanboot /etc/service\n");
  await Deno.stat(root.join("etc/service"));
  const top = (await snapshot(root.path)).map((line) => line.replace(/[/ ].*/, ""));
  assertEquals([...new Set(top)], ["etc", "opt"]);
  await assertOk(uninstall(root.path, "--prefix", "/opt/dt"));
  assertEquals(await snapshot(root.path), []);
});

test("install --dry-run prints every step and changes nothing", async () => {
  await using root = await tempDir();
  const said = await assertOk(install(root.path, "--dry-run"));
  assertEquals(await snapshot(root.path), []);
  await assertOk(install(root.path));
  const steps = (await snapshot(root.path)).filter((line) => / [fl] /.test(line));
  for (const line of steps) {
    const path = `/${line.replace(/ .*/, "")}`;
    assert(new RegExp(`(?:^| )${path}(?:$|[ :])`, "m").test(said), `${path} is not in ${said}`);
  }
  const before = await snapshot(root.path);
  assertStringIncludes(await assertOk(uninstall(root.path, "--dry-run")), "remove /command/svc\n");
  assertEquals(await snapshot(root.path), before);
});

test("install again changes nothing that is as it should be", async () => {
  await using root = await tempDir();
  await assertOk(install(root.path));
  const before = await snapshot(root.path);
  await assertOk(install(root.path));
  assertEquals(await snapshot(root.path), before);
});

test("install upgrades by a rename, and removes what is no longer there", async () => {
  await using root = await tempDir();
  await using old = await tempDir();
  await layOutRelease(old.path, EXECUTABLE);
  await makeOtherVersion(old.join("daemontools"), "0.0.9");
  await Deno.writeTextFile(old.join("install/man/svok.8"), "old\n");
  await assertOk(run("/bin/sh", [old.join("install.sh"), "--root", root.path]));
  const version = async (): Promise<string> =>
    await assertOk(run(root.join("command/daemontools"), ["--version"]));
  assertEquals(await version(), "daemontools 0.0.9\n");
  // A tool of the old version that the new one does not have.
  const list = root.join("usr/local/share/daemontools/installed");
  await Deno.writeTextFile(list, "link\t/command/ancient\tdaemontools\n", { append: true });
  await Deno.symlink("daemontools", root.join("command/ancient"));

  using running = await Deno.open(root.join("command/daemontools"));
  const before = await Deno.stat(root.join("command/daemontools"));
  await assertOk(install(root.path));
  assert(await version() !== "daemontools 0.0.9\n");
  assert((await Deno.stat(root.join("command/daemontools"))).ino !== before.ino);
  assertEquals((await running.stat()).size, before.size);
  assertEquals((await snapshot(root.path)).filter((line) => line.includes("ancient")), []);
  assert(await Deno.readTextFile(root.join("usr/local/share/man/man8/svok.8")) !== "old\n");
  await assertOk(uninstall(root.path));
  assertEquals(await snapshot(root.path), []);
});

test("install --no-boot keeps what an earlier one did for the boot", async () => {
  await using root = await tempDir();
  await assertOk(install(root.path, "--boot", "systemd"));
  const before = await snapshot(root.path);
  await assertOk(install(root.path, "--no-boot"));
  assertEquals(await snapshot(root.path), before);
  await assertOk(uninstall(root.path));
  assertEquals(await snapshot(root.path), []);
});

test("install refuses to overwrite what is not its own, and says why", async () => {
  await using root = await tempDir();
  await Deno.mkdir(root.join("command"));
  await ensureDir(root.join("usr/local/bin"));
  await Deno.writeTextFile(root.join("command/svc"), "theirs");
  await Deno.symlink("/opt/other/svok", root.join("usr/local/bin/svok"));
  const before = await snapshot(root.path);
  const { code, stderr } = await install(root.path);
  assertEquals(code, 111);
  assertStringIncludes(stderr, "/command/svc is a file that this script did not put there\n");
  assertStringIncludes(stderr, "/usr/local/bin/svok is a link to /opt/other/svok that");
  assertEquals(await snapshot(root.path), before);

  await assertOk(install(root.path, "--force"));
  assertEquals(await Deno.readLink(root.join("command/svc")), "daemontools");
  await assertOk(install(root.path));
  await assertOk(uninstall(root.path));
  assertEquals(await snapshot(root.path), before);
});

test("install leaves alone what starts svscanboot already", async () => {
  await using root = await tempDir();
  await Deno.mkdir(root.join("etc"));
  const inittab = "SV:123456:respawn:/command/svscanboot\n";
  await Deno.writeTextFile(root.join("etc/inittab"), inittab);
  assertStringIncludes(await assertOk(install(root.path)), "starts svscanboot already");
  await assertOk(uninstall(root.path));
  assertEquals(await Deno.readTextFile(root.join("etc/inittab")), inittab);
});

test("uninstall leaves services and changed links alone", async () => {
  await using root = await tempDir();
  await assertOk(install(root.path, "--no-boot"));
  await Deno.symlink("/srv/web", root.join("service/web"));
  await Deno.remove(root.join("usr/local/bin/svc"));
  await Deno.symlink("/opt/other/svc", root.join("usr/local/bin/svc"));
  const said = await assertOk(uninstall(root.path));
  assertStringIncludes(said, "/service, which is not empty\n");
  assertEquals(await Deno.readLink(root.join("service/web")), "/srv/web");
  assertEquals(await Deno.readLink(root.join("usr/local/bin/svc")), "/opt/other/svc");
});

test("uninstall puts back what was moved aside, whatever is missing by then", async () => {
  await using root = await tempDir();
  await ensureDir(root.join("usr/local/share/man/man8/svok.8/x"));
  const before = await snapshot(root.path);
  await assertOk(install(root.path, "--force"));
  await Deno.remove(root.join("command/svc"));
  await assertOk(uninstall(root.path));
  assertEquals(await snapshot(root.path), before);
});

test("install and uninstall explain themselves when they are called wrongly", async () => {
  await using root = await tempDir();
  const wrong = [["--nonsense"], ["--prefix"], ["--boot", "magic"]];
  for (const args of wrong) {
    const { code, stderr } = await install(root.path, ...args);
    assertEquals(code, 100, args.join(" "));
    assertStringIncludes(stderr, "--dry-run");
  }
  for (const prefix of ["relative", "/a b", "/a'b", "/a//b", "/a/"]) {
    assertEquals((await install(root.path, "--prefix", prefix)).code, 111, prefix);
  }
  const { code, stderr } = await uninstall(root.path);
  assertEquals(code, 111);
  assertStringIncludes(stderr, "nothing is installed here");
  assertEquals(await snapshot(root.path), []);
});

Deno.test({
  name: "install --prefix as an ordinary user goes below it, leaves the boot alone, and is undone",
  ignore: isReference || Deno.uid() !== 0,
  fn: async () => {
    await using dir = await tempDir();
    // What they were started in is not theirs to enter.
    const elsewhere = dir.join("private");
    const home = dir.join("home");
    await Deno.mkdir(elsewhere, { mode: 0o700 });
    await Deno.mkdir(home);
    await Deno.chown(home, 65534, 65534);
    await copyExecutable(EXECUTABLE, dir.join("daemontools"));
    const asUser = async (...args: string[]): Promise<RunResult> => {
      const user = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
      const options = { cwd: elsewhere, env: { TMPDIR: "/tmp" } };
      return await run("/usr/bin/setpriv", [...user, dir.join("daemontools"), ...args], options);
    };
    const prefix = `${home}/dt`;
    const said = await assertOk(asUser("install", "--prefix", prefix));
    assertStringIncludes(said, `  services     ${prefix}/service\n`);
    assertStringIncludes(said, "  at boot      nothing was changed\n");
    // What comes next is in two columns.
    const [, next = ""] = said.split("Next:\n");
    const columns = next.trimEnd().split("\n").map((line) =>
      /^ {2}\S.*? {2,}/.exec(line)?.[0].length
    );
    assertEquals(new Set(columns).size, 1, next);
    assertStringIncludes(next, `  ${prefix}/bin/svscan ${prefix}/service  `);
    assertEquals(await Deno.readLink(`${prefix}/bin/svc`), "daemontools");
    const other = await asUser("install", "--prefix", `${home}/other`, "--boot", "systemd");
    assertEquals([other.code, other.stdout], [111, ""]);
    assertStringIncludes(other.stderr, "install: fatal: only root can have svscan started at boot");
    const all = await asUser("install");
    assertEquals(all.code, 111);
    assertStringIncludes(
      all.stderr,
      "install: fatal: only root can install for all; with --prefix",
    );
    await assertOk(asUser("uninstall", "--prefix", prefix));
    assertEquals(await snapshot(home), []);
  },
});

test("install says what is wrong when it cannot be unpacked", async () => {
  const options = { env: { TMPDIR: "/nonexistent" } };
  const { code, stderr } = await run(EXECUTABLE, ["install", "--dry-run"], options);
  assertEquals(code, 111);
  assertStringIncludes(stderr, "daemontools: fatal: unable to unpack the installation: ");
  assert(!stderr.includes("bug"), stderr);
});
