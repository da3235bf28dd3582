/**
 * The unit under a real systemd, as the first process of a Debian tree: svscan that dies, is switched
 * over, stops in order, and stops late. Long: it takes a tree that debootstrap makes.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  layOutRelease,
  makeDebianTree,
  makeMachine,
  makeOtherVersion,
} from "../support/machine.ts";
import { childrenOf, commandLineOf } from "../support/processes.ts";
import { writeService } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, ROOT, run, type RunResult, start, type Started } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

const tree = await makeDebianTree("systemd-tree", ["systemd", "systemd-sysv"]);

/** What of systemd is about hardware, networks and logins; none of it is here. */
const MASKED = ["systemd-udevd", "systemd-udev-trigger", "systemd-sysctl", "systemd-modules-load"]
  .concat(["systemd-timesyncd", "systemd-logind", "systemd-networkd", "systemd-random-seed"])
  .concat(["systemd-remount-fs", "systemd-tmpfiles-setup-dev", "console-getty", "modprobe@"])
  .map((name) => `${name}.service`)
  .concat(["getty.target", "dev-hugepages.mount", "dev-mqueue.mount", "sys-kernel-debug.mount"])
  .concat(["sys-kernel-tracing.mount", "sys-kernel-config.mount"]);

/** The process that is the first of the machine, once systemd is up. */
async function waitForSystemd(boot: Started, path: string): Promise<number> {
  const [unshare = 0] = await waitFor(() => {
    const children = childrenOf(boot.pid);
    return children.some((pid) => commandLineOf(pid)[0] === "unshare") ? children : false;
  }, { what: "unshare" });
  const [first = 0] = await waitFor(() => {
    const children = childrenOf(unshare);
    return children.some((pid) => commandLineOf(pid)[0]?.endsWith("/systemd")) ? children : false;
  }, { what: "systemd" });
  await waitFor(
    async () => (await runThere(first, "systemctl is-system-running")).stdout === "running\n",
    { what: `systemd in ${path} to be up` },
  );
  return first;
}

/** Runs a script where that process is. */
async function runThere(pid: number, script: string): Promise<RunResult> {
  const enter = ["-t", `${pid}`, "-m", "-p", "-u", "-i", "-n", "-r", "-w"];
  const args = [...enter, "/bin/sh", "-euc", script];
  const env = { PATH: "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
  return await run("/usr/bin/nsenter", args, { env, clearEnv: true });
}

const FUNCTIONS = `
main() { systemctl show -p MainPID --value daemontools; }
pid_of() { svstat "$1" | sed -n 's/.*up (pid \\([0-9]*\\)).*/\\1/p'; }
is_up() { [ -n "$(pid_of "$1")" ]; }
until_true() {
  turns=1200
  until "$@" >/dev/null 2>&1; do
    turns=$((turns - 1))
    [ $turns -gt 0 ] || { echo "never: $*"; exit 1; }
    sleep 0.1
  done
}
`;

Deno.test({
  name: "a real systemd starts svscan, again when it dies, and stops it in order",
  ignore: isReference || tree === undefined,
  fn: async () => {
    await using machine = await tempDir();
    await makeMachine(machine.path, {}, tree);
    for (const unit of MASKED) {
      await Deno.symlink("/dev/null", machine.join(`etc/systemd/system/${unit}`));
    }
    for (const name of ["old", "new"]) {
      await layOutRelease(machine.join(name), `${ROOT}/build/daemontools`);
    }
    await makeOtherVersion(machine.join("old/daemontools"), "0.0.9");
    await writeService(machine.join("srv/web"), {
      run: "echo up\ntrap 'echo down; exit 0' TERM\nwhile :; do sleep 0.1; done",
      logRun: "exec multilog ./main",
    });
    await writeService(machine.join("srv/deaf"), {
      run: "trap '' TERM\nwhile :; do sleep 0.1; done",
    });
    const fixture = `${ROOT}/tests/fixtures/boot_systemd.sh`;
    await using boot = start("/bin/sh", [fixture, machine.path]);
    const first = await waitForSystemd(boot, machine.path);
    // It puts away its control group when systemd has ended, and everything with it.
    await using _end = {
      async [Symbol.asyncDispose](): Promise<void> {
        Deno.kill(first, "SIGKILL");
        await boot.status;
      },
    };
    const step = async (script: string): Promise<string> => {
      const { code, stdout, stderr } = await runThere(first, FUNCTIONS + script);
      assertEquals(code, 0, stdout + stderr);
      return stdout;
    };

    const installed = await step(`sh /old/install.sh
ln -s /srv/web /service/web
until_true is_up /service/web
systemctl reload daemontools
until_true grep -q up /srv/web/log/main/current
systemctl is-active svscan.service
systemctl is-enabled daemontools.service`);
    assertStringIncludes(installed, "systemd has started svscan on /service\n");
    assertMatch(installed, /\nactive\nenabled\n$/);

    // Killed: systemd starts another, which takes the service over.
    const killed = await step(`before=$(pid_of /service/web); main=$(main)
kill -KILL $main
is_another() { [ "$(main)" != $main ] && [ "$(main)" != 0 ]; }
until_true is_another
until_true svok /service/web
[ "$(pid_of /service/web)" = $before ]
systemctl show -p NRestarts --value daemontools`);
    assertEquals(killed, "1\n");

    // Switched over: the same process, and systemd sees nothing of it.
    const switched = await step(`before="$(main) $(pid_of /service/web)"
/new/daemontools install --switch
[ "$(main) $(pid_of /service/web)" = "$before" ]
readlink /proc/$(main)/exe
systemctl is-active daemontools`);
    assertMatch(switched, /now; all services run on\n/);
    assertMatch(switched, /\n\/command\/daemontools\nactive\n$/);

    // A service that is killed for want of memory, or so, does not end the unit.
    await step(`before=$(pid_of /service/web)
kill -KILL $before
is_new() { [ -n "$(pid_of /service/web)" ] && [ "$(pid_of /service/web)" != $before ]; }
until_true is_new
systemctl is-active daemontools`);

    const stopped = await step(`before=$(pid_of /service/web)
systemctl stop daemontools
[ ! -d /proc/$before ]
tail -n 1 /srv/web/log/main/current
systemctl show -p Result --value daemontools`);
    assertEquals(stopped, "down\nsuccess\n");

    // A service that never ends gets KILL when systemd's patience is over.
    const late = await step(`mkdir -p /etc/systemd/system/daemontools.service.d
printf '[Service]\\nTimeoutStopSec=2\\n' >/etc/systemd/system/daemontools.service.d/patience.conf
systemctl daemon-reload
ln -s /srv/deaf /service/deaf
systemctl start daemontools
until_true is_up /service/deaf
deaf=$(pid_of /service/deaf)
systemctl stop daemontools
[ ! -d /proc/$deaf ]
systemctl show -p MainPID --value daemontools`);
    assertEquals(late, "0\n");

    // Why it cannot start is in the journal, each time.
    const why = await step(`rm /service/deaf
mv /service /service.away
systemctl start daemontools
journal() { journalctl --unit daemontools --output cat; }
tells() { journal | grep -q "unable to chdir to /service"; }
until_true tells
journal | grep -m 1 "unable to chdir"
systemctl stop daemontools
mv /service.away /service`);
    assertEquals(why, "svscan: fatal: unable to chdir to /service: file does not exist\n");

    const gone = await step(`systemctl start daemontools
until_true is_up /service/web
daemontools uninstall
systemctl is-active daemontools || :
ls /etc/systemd/system | grep -e svscan -e '^daemontools.service$' || :`);
    assertStringIncludes(gone, "inactive\n");
    assert(!gone.includes("svscan.service"), gone);
  },
});
