/** What scripts/release.sh makes: an archive that needs only sh, and a Debian package. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { debianTree, makeMachine, runOnMachine } from "../support/machine.ts";
import { namesIn, tempDir } from "../support/temp.ts";
import { isReference, ROOT, run } from "../support/tools.ts";

const RELEASE = `${ROOT}/build/release`;
const LONG = Boolean(Deno.env.get("DAEMONTOOLS_TEST_LONG"));

async function makeRelease(...args: string[]): Promise<string> {
  const script = [`${ROOT}/scripts/release.sh`, ...args];
  const { code, stdout, stderr } = await run("/bin/sh", script, { timeoutMs: 180_000 });
  assertEquals(code, 0, stderr);
  return stdout.trim().replace(/.*\//, "");
}

let debianPackage: Promise<string> | undefined;

/** The package's name, made once for all tests. */
async function makePackage(): Promise<string> {
  debianPackage ??= makeRelease("--deb");
  return await debianPackage;
}

async function assertDigestIsRight(name: string): Promise<void> {
  const { code } = await run("/usr/bin/sha256sum", ["-c", `${name}.sha256`], { cwd: RELEASE });
  assertEquals(code, 0);
}

Deno.test({
  name: "release.sh makes an archive that installs with nothing but sh, and its digest",
  ignore: isReference,
  fn: async () => {
    await using dir = await tempDir();
    const name = await makeRelease();
    await assertDigestIsRight(name);
    const directory = name.replace(/\.tar\.gz$/, "");
    const unpacking = await run("/bin/tar", ["-C", dir.path, "-xzf", `${RELEASE}/${name}`]);
    assertEquals([unpacking.code, unpacking.stderr], [0, ""]);
    const files = namesIn(dir.join(directory));
    assertEquals(files, [
      "LICENSE",
      "README.md",
      "daemontools",
      "install",
      "install.sh",
      "uninstall.sh",
    ]);
    await Deno.mkdir(dir.join("root"));
    const args = [dir.join(`${directory}/install.sh`), "--root", dir.join("root")];
    // Neither Deno nor anything else that is not of the system itself.
    const env = { PATH: "/usr/bin:/bin" };
    const installing = await run("/bin/sh", args, { cwd: "/", env, clearEnv: true });
    assertEquals([installing.code, installing.stderr], [0, ""]);
    const { stdout } = await run(dir.join("root/command/svc"), ["--help"]);
    assertStringIncludes(stdout, "usage: svc ");
  },
});

Deno.test({
  name: "release.sh --deb makes a package that lintian finds no error in",
  ignore: isReference || !LONG ||
    !await Deno.stat("/usr/bin/lintian").then(() => true, () => false),
  fn: async () => {
    const name = await makePackage();
    await assertDigestIsRight(name);
    const lintian = await run("/usr/bin/lintian", ["--no-cfg", `${RELEASE}/${name}`], {
      timeoutMs: 180_000,
    });
    assertEquals(lintian.stdout, "");
    assertEquals(lintian.code, 0);
    const { stdout } = await run("/usr/bin/dpkg-deb", ["-f", `${RELEASE}/${name}`, "Conflicts"]);
    assertEquals(stdout, "daemontools\n");
  },
});

Deno.test({
  name: "the Debian package is installed, used and removed on Debian",
  ignore: isReference || debianTree === undefined,
  fn: async () => {
    await using machine = await tempDir();
    await makeMachine(machine.path, {}, debianTree);
    const name = await makePackage();
    await Deno.copyFile(`${RELEASE}/${name}`, machine.join("package.deb"));
    const { code, stdout, stderr } = await runOnMachine(
      machine.path,
      `dpkg -i /package.deb >/dev/null
svc --help
man -w svscan
man -w daemontools-recipes
man -P cat svscan | head -n 4
ls -ld /etc/service /lib/systemd/system/daemontools.service
ls /usr/share/bash-completion/completions/svc /usr/share/fish/vendor_completions.d/svc.fish
setuidgid nobody id -un
dpkg -P daemontools-deno >/dev/null
[ ! -e /usr/bin/svc ]`,
    );
    assertEquals([code, stderr], [0, ""], stdout);
    for (
      const text of [
        "usage: svc ",
        "/man8/svscan.8.gz\n",
        "/man7/daemontools-recipes.7.gz\n",
        "start and supervise",
        "\nnobody\n",
      ]
    ) {
      assertStringIncludes(stdout, text);
    }
    assert(!stdout.includes("No such file"));
  },
});
