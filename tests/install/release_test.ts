/** What scripts/release.sh makes: an archive that needs only sh, and a Debian package. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { debianTree, hasMachines, makeMachine, runOnMachine } from "../support/machine.ts";
import { waitForUp, writeService } from "../support/service.ts";
import { namesIn, tempDir } from "../support/temp.ts";
import { isReference, ROOT, run, start } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

const RELEASE = `${ROOT}/build/release`;
const hasDpkg = existsSync("/usr/bin/dpkg-deb");
const LONG = Boolean(Deno.env.get("DAEMONTOOLS_TEST_LONG"));

async function makeRelease(...args: string[]): Promise<string> {
  const script = [`${ROOT}/scripts/release.sh`, ...args];
  // dpkg-deb takes a minute for its best, where it may.
  const env = { DPKG_DEB_COMPRESSOR_TYPE: "gzip", DPKG_DEB_COMPRESSOR_LEVEL: "1" };
  const { code, stdout, stderr } = await run("/bin/sh", script, { env, timeoutMs: 180_000 });
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
    assertEquals(stdout, "daemontools, daemontools-run, runit-run\n");
  },
});

Deno.test({
  name: "release.sh --deb makes a package that stands for daemontools and daemontools-run",
  ignore: isReference || !hasDpkg,
  fn: async () => {
    await using dir = await tempDir();
    const name = await makePackage();
    const field = async (field: string): Promise<string> =>
      (await run("/usr/bin/dpkg-deb", ["-f", `${RELEASE}/${name}`, field])).stdout;
    const provided = "daemontools (= 1:0.76-8.1), daemontools-run (= 1:0.76-8.1)\n";
    assertEquals(await field("Provides"), provided);
    assertEquals(await field("Conflicts"), "daemontools, daemontools-run, runit-run\n");
    await run("/usr/bin/dpkg-deb", ["-x", `${RELEASE}/${name}`, dir.path]);
    for (const path of ["etc/service", "usr/sbin/update-service", "var/lib/supervise"]) {
      await Deno.stat(dir.join(path));
    }
    await run("/usr/bin/dpkg-deb", ["-e", `${RELEASE}/${name}`, dir.join("DEBIAN")]);
    const postinst = await Deno.readTextFile(dir.join("DEBIAN/postinst"));
    assertStringIncludes(postinst, "\nswitch_over() {\n");
    assert(!postinst.includes("@"), postinst);
    const unit = await Deno.readTextFile(dir.join("lib/systemd/system/daemontools.service"));
    assertStringIncludes(unit, "\nExecStart=/usr/bin/svscanboot /etc/service\n");
    assertStringIncludes(unit, "\nAlias=svscan.service\n");
  },
});

const DEBIAN = `${ROOT}/scripts/release/debian`;

/** Runs a script on a machine that has the package's own scripts in `/package`. */
async function runWithScripts(files: Record<string, string>, script: string): Promise<string> {
  await using machine = await tempDir();
  const svscanFunctions = await Deno.readTextFile(`${ROOT}/scripts/install/lib/svscan.sh`);
  await makeMachine(machine.path, {
    "local/bin/deb-systemd-helper": "#!/bin/sh\n",
    "sbin/telinit": "#!/bin/sh\necho telinit $*\n",
    "package/postinst": (await Deno.readTextFile(`${DEBIAN}/postinst`))
      .replace("@SVSCAN_SH@", () => svscanFunctions),
    "package/prerm": await Deno.readTextFile(`${DEBIAN}/prerm`),
    ...files,
  });
  const { code, stdout, stderr } = await runOnMachine(machine.path, script);
  assertEquals([code, stderr], [0, ""], stdout);
  return stdout;
}

Deno.test({
  name: "the Debian package has init of sysvinit start svscan, and undoes that",
  ignore: isReference || !hasMachines,
  fn: async () => {
    const files = { "etc/inittab": "id:2:initdefault:\n" };
    const said = await runWithScripts(
      files,
      `mkfifo /run/initctl
cp /etc/inittab /tmp/before
/package/postinst configure
/package/postinst configure 0.0.9
/package/prerm upgrade 9
tail -n +2 /etc/inittab
/package/prerm remove
diff /etc/inittab /tmp/before`,
    );
    assertEquals(
      said,
      "daemontools: /etc/inittab starts svscan on /etc/service now\ntelinit q\n" +
        "SV:123456:respawn:/usr/bin/svscanboot /etc/service\ntelinit q\n",
    );
  },
});

Deno.test({
  name: "the Debian package leaves an init alone that starts svscanboot, and says when none does",
  ignore: isReference || !hasMachines,
  fn: async () => {
    const own = "SV:2345:respawn:/usr/bin/svscanboot\n";
    const script = "/package/postinst configure\n/package/prerm remove\ncat /etc/inittab";
    assertEquals(await runWithScripts({ "etc/inittab": own }, script), own);
    if (existsSync("/lib/systemd/systemd")) return;
    const said = await runWithScripts({}, "/package/postinst configure");
    assertStringIncludes(said, "nothing starts svscan at boot");
    assertStringIncludes(said, "/usr/bin/svscanboot /etc/service\n");
  },
});

Deno.test({
  name: "update-service adds, lists and removes a service",
  ignore: isReference,
  fn: async () => {
    await using dir = await tempDir();
    const services = dir.join("services");
    await Deno.mkdir(services);
    const service = await writeService(dir.join("web"), { logRun: "exec multilog ./main" });
    await using _svscan = start("svscan", [services]);
    const update = async (...args: string[]): Promise<[number, string]> => {
      const options = { env: { SVDIR: services } };
      const result = await run(`${DEBIAN}/update-service`, args, options);
      return [result.code, result.stdout + result.stderr];
    };
    assertEquals(await update("--check", "web"), [1, ""]);
    assertEquals(await update("--add", `${service}/`), [0, "Service web added.\n"]);
    await waitForUp(service);
    assertEquals(await update("-a", service), [0, "Service web is there already.\n"]);
    assertEquals(await update("--list"), [0, "web\n"]);
    assertEquals(await update("--list", "web"), [0, `web -> ${service}\n`]);
    assertEquals(await update("--check", "web"), [0, ""]);
    const [code, said] = await update("--add", service, "other");
    assertEquals([code, said], [1, `update-service: fatal: ${service} is supervised already\n`]);
    assertEquals(await update("-r", service), [0, "Service web removed, and told to end.\n"]);
    await waitFor(async () => (await run("svok", [service])).code === 100, { what: "its end" });
    assertEquals(await update("--list"), [0, ""]);
    for (const wrong of [[], ["--odd"], ["--add"], ["--add", "web"], ["--add", service, ".web"]]) {
      assertEquals((await update(...wrong))[0], 1, wrong.join(" "));
    }
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
mkdir -p /srv/web
printf '#!/bin/sh\\nexec sleep 1000000\\n' >/srv/web/run
chmod 755 /srv/web/run
update-service --add /srv/web
pgrphack svscanboot </dev/null >/dev/null 2>&1 &
svscan=$!
pid_of() { svstat /etc/service/web | sed -n 's/.*up (pid \\([0-9]*\\)).*/\\1/p'; }
until svok /etc/service/web && [ -n "$(pid_of)" ]; do sleep 0.1; done
before=$(pid_of)
dpkg -i /package.deb >/dev/null
[ "$(pid_of)" = "$before" ]
readlink /proc/$svscan/exe
kill $svscan
wait $svscan
rm /etc/service/web
mkdir -p /tmp/needy/DEBIAN
printf '%s\\n' 'Package: needy' 'Version: 1' 'Architecture: all' 'Maintainer: x <x@example.org>' \\
  'Depends: daemontools (>> 1:0.76), daemontools-run' 'Description: needs both' \\
  >/tmp/needy/DEBIAN/control
dpkg-deb --build /tmp/needy >/dev/null
dpkg -i /tmp/needy.deb >/dev/null
update-service --list
dpkg -P needy daemontools-deno >/dev/null
[ ! -e /usr/bin/svc ]`,
      240_000,
    );
    assertEquals([code, stderr], [0, ""], stdout);
    for (
      const text of [
        "usage: svc ",
        "/man8/svscan.8.gz\n",
        "/man7/daemontools-recipes.7.gz\n",
        "start and supervise",
        "\nnobody\nService web added.\n/usr/bin/daemontools\n",
      ]
    ) {
      assertStringIncludes(stdout, text);
    }
    assert(!stdout.includes("No such file"));
  },
});
