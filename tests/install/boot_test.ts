/**
 * Installing for real, as root of a machine: svscan is started as that machine starts things, an
 * upgrade disturbs no service, uninstalling stops everything in order.
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  debianTree,
  hasMachines,
  layOutRelease,
  makeMachine,
  makeOtherVersion,
  runOnMachine,
  SYSTEMD_FILES,
} from "../support/machine.ts";
import { writeService } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, ROOT } from "../support/tools.ts";

/** How long a machine may take, in milliseconds: installing means hundreds of processes. */
const PATIENCE_MS = 480_000;

/** A service that tells of its end, and a logger that outlives it. */
const WEB = {
  run: `echo up
trap 'echo down; exit 0' TERM
while :; do sleep 0.1; done`,
  logRun: "exec multilog ./main",
};

/** A function of the stand-ins below: runs a command again and again, as init does, until told. */
const RESPAWN = `respawn() {
  rm -f /run/stopping
  (
    exec </dev/null >/dev/null 2>&1
    while [ ! -e /run/stopping ]; do
      setsid "$@" &
      echo $! >/run/main
      wait $! || sleep 1
    done
  ) &
}
end_group() {
  : >/run/stopping
  read -r main </run/main
  kill -TERM -$main
}
`;

/** Does what init does with /etc/inittab: starts what is listed, ends what no longer is. */
const TELINIT = `#!/bin/sh
${RESPAWN}
echo "telinit $*" >>/var/boot.log
command=$(sed -n 's/^SV:[0-9]*:respawn://p' /etc/inittab)
if [ -n "$command" ]; then respawn $command; else end_group; fi
`;

const INITCTL = `#!/bin/sh
${RESPAWN}
echo "initctl $*" >>/var/boot.log
case "$1 \${2-}" in
  "start daemontools")
    grep -qx respawn /etc/init/daemontools.conf
    respawn $(sed -n 's/^exec //p' /etc/init/daemontools.conf)
    ;;
  "stop daemontools") end_group ;;
esac
`;

const METHODS: Record<string, { files: Record<string, string>; told: string }> = {
  "systemd": {
    files: SYSTEMD_FILES,
    told: "systemctl daemon-reload\nsystemctl start daemontools.service\n" +
      "systemctl daemon-reload\n".repeat(3) +
      "systemctl stop daemontools.service\nsystemctl daemon-reload\n",
  },
  "inittab": {
    files: { "etc/inittab": "id:2:initdefault:\n", "sbin/telinit": TELINIT },
    told: "telinit q\ntelinit q\n",
  },
  "upstart": {
    files: { "etc/init/rc.conf": "", "sbin/initctl": INITCTL },
    told: "initctl reload-configuration\ninitctl start daemontools\ninitctl stop daemontools\n",
  },
  "rc.local": { files: { "var/boot.log": "" }, told: "" },
};

const SCRIPT = `
everything() { find /command /service /etc /usr/local 2>/dev/null | sort; }
pid_of() { svstat "$1" | sed -n 's/.*up (pid \\([0-9]*\\)).*/\\1/p'; }
is_svscan() { [ "$(tr '\\0' ' ' 2>/dev/null <"$1" | sed 's|^[^ ]*/||')" = 'svscan /service ' ]; }
svscan_pid() {
  for file in $(grep -ls svscan /proc/[0-9]*/cmdline); do
    is_svscan "$file" || continue
    # Its child has its name until it executes something else.
    parent=$(sed -n 's/^PPid:[^0-9]*//p' "\${file%/cmdline}/status" 2>/dev/null)
    is_svscan "/proc/$parent/cmdline" || echo "$file" | tr -cd 0-9
  done
}
until_true() {
  for turn in $(seq 2400); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.05
  done
  echo "never: $*"
  exit 1
}
is_up() { [ -n "$(pid_of "$1")" ]; }
is_gone() { [ -z "$(svscan_pid)" ]; }

everything >/tmp/before
sh /old/install.sh --boot METHOD
ln -s /srv/web /service/web
until_true is_up /service/web
until_true is_up /service/web/log
until_true grep -q up /srv/web/log/main/current
before="$(svscan_pid) $(pid_of /service/web) $(pid_of /service/web/log)"
daemontools --version >/tmp/old-version

echo "--- upgrade"
/new/daemontools install --boot METHOD
after="$(svscan_pid) $(pid_of /service/web) $(pid_of /service/web/log)"
echo "pids $before"
echo "pids $after"
readlink "/proc/$(svscan_pid)/exe"
cat /tmp/old-version
daemontools --version
man -w svscan 2>/dev/null || ls /usr/local/share/man/man8/svscan.8

echo "--- switch"
daemontools install --boot METHOD --switch
echo "pids $(svscan_pid) $(pid_of /service/web)"
readlink "/proc/$(svscan_pid)/exe"
until_true is_up /service/web/log
daemontools install --boot METHOD --switch

echo "--- uninstall"
daemontools uninstall
until_true is_gone
rm /service/web
[ ! -d /service ] || rmdir /service
everything | diff /tmp/before - && echo "nothing is left"
cat /srv/web/log/main/current
echo "--- told"
cat /var/boot.log
`;

function testOn(method: string, tree: string | undefined): void {
  const { files = {}, told } = METHODS[method] ?? {};
  Deno.test({
    name: `install starts svscan with ${method}, an upgrade disturbs nothing, and switches over` +
      (tree === undefined ? "" : ", on Debian"),
    ignore: isReference || !hasMachines,
    fn: async () => {
      await using machine = await tempDir();
      await makeMachine(machine.path, files, tree);
      await layOutRelease(machine.join("new"), `${ROOT}/build/daemontools`);
      await layOutRelease(machine.join("old"), `${ROOT}/build/daemontools`);
      await makeOtherVersion(machine.join("old/daemontools"), "0.0.9");
      await writeService(machine.join("srv/web"), WEB);
      const result = await runOnMachine(
        machine.path,
        SCRIPT.replaceAll("METHOD", method),
        PATIENCE_MS,
      );
      const { stdout } = result;
      assertEquals([result.code, result.stderr], [0, ""], stdout);
      const [installed = "", upgraded = "", switched = "", gone = "", log] = stdout.split(
        /--- \w+\n/,
      );
      assertStringIncludes(installed, `svscan is started by ${method}`);
      assertStringIncludes(upgraded, "was not disturbed");
      const pids = [...upgraded.matchAll(/^pids (\d+ \d+ \d+)$/gm)].map(([, each]) => each);
      assertEquals(pids.length, 2, upgraded);
      assertEquals(pids[0], pids[1]);
      assertStringIncludes(upgraded, "/command/daemontools (deleted)\n");
      const versions = [...upgraded.matchAll(/^daemontools ([\d.]+)$/gm)].map(([, each]) => each);
      assertEquals(versions[0], "0.0.9");
      assert(versions[1] !== "0.0.9");
      assertMatch(switched, /^svscan \(pid \d+\) is daemontools \S+ now; all services run on$/m);
      assertStringIncludes(
        switched,
        `pids ${pids[0]?.replace(/ \d+$/, "")}\n/command/daemontools\n`,
      );
      assertMatch(switched, /^svscan runs already \(pid \d+\) .*: it is this version\.$/m);
      assertMatch(gone, /^nothing is left\nup\n/m);
      // init and Upstart signal the process group, loggers included, before svscan can order it.
      const isOrdered = method !== "inittab" && method !== "upstart";
      if (isOrdered) assertStringIncludes(gone, "nothing is left\nup\ndown\n");
      assertEquals(log, told);
    },
  });
}

for (const method of Object.keys(METHODS)) {
  testOn(method, undefined);
  if (debianTree !== undefined) testOn(method, debianTree);
}

const FUNCTIONS = SCRIPT.split("\neverything >")[0];

/** Whom nobody starts again, an installation starts: with rc.local. */
const CRASH = `${FUNCTIONS}
sh /old/install.sh --boot METHOD >/dev/null
ln -s /srv/web /service/web
until_true is_up /service/web
until_true is_up /service/web/log
until_true grep -q up /srv/web/log/main/current
is_another() { [ -n "$(svscan_pid)" ] && [ "$(svscan_pid)" != $1 ]; }
before=$(pid_of /service/web)
for turn in 1 2 3; do
  main=$(svscan_pid)
  kill -KILL $main
  [ METHOD != rc.local ] || sh /old/install.sh --boot METHOD >/dev/null
  until_true is_another $main
  until_true svok /service/web
  until_true is_up /service/web
  [ "$(pid_of /service/web)" = "$before" ] || { echo "not $before any more"; exit 1; }
done
[ "$(grep -c up /srv/web/log/main/current)" = 1 ]
daemontools uninstall >/dev/null
until_true is_gone
[ ! -d /proc/$before ]
cat /srv/web/log/main/current
`;

for (const method of Object.keys(METHODS)) {
  Deno.test({
    name: `svscan killed under ${method} is started again, takes services over, stops in order`,
    ignore: isReference || !hasMachines,
    fn: async () => {
      await using machine = await tempDir();
      await makeMachine(machine.path, METHODS[method]!.files);
      await layOutRelease(machine.join("old"), `${ROOT}/build/daemontools`);
      await writeService(machine.join("srv/web"), WEB);
      const script = CRASH.replaceAll("METHOD", method);
      const { code, stdout, stderr } = await runOnMachine(machine.path, script, PATIENCE_MS);
      // By then svscan is the leader of another group than what it has taken over.
      assertEquals([code, stdout, stderr], [0, "up\ndown\n", ""]);
    },
  });
}

const ASK = `${FUNCTIONS}
sh /old/install.sh --boot rc.local >/dev/null
ln -s /srv/web /service/web
until_true is_up /service/web
before="$(svscan_pid) $(pid_of /service/web)"
/new/daemontools install --boot rc.local --no-start >/dev/null
for answer in '' no yes; do
  echo "$answer" | script -qec 'daemontools install --boot rc.local' /dev/null | grep -A 1 'svscan (pid'
  readlink "/proc/$(svscan_pid)/exe"
done
[ "$(svscan_pid) $(pid_of /service/web)" = "$before" ]
kill $(svscan_pid)
until_true is_gone
`;

Deno.test({
  name: "install asks, where there is somebody to ask, before it switches svscan over",
  ignore: isReference || !hasMachines,
  fn: async () => {
    await using machine = await tempDir();
    await makeMachine(machine.path, METHODS["rc.local"]!.files);
    for (const name of ["old", "new"]) {
      await layOutRelease(machine.join(name), `${ROOT}/build/daemontools`);
    }
    await makeOtherVersion(machine.join("old/daemontools"), "0.0.9");
    await writeService(machine.join("srv/web"), WEB);
    const { code, stdout, stderr } = await runOnMachine(machine.path, ASK, PATIENCE_MS);
    assertEquals([code, stderr], [0, ""], stdout);
    const asked = [...stdout.matchAll(/Switch it over now\?/g)].length;
    assertEquals(asked, 3, stdout);
    const ran = stdout.split("\n").filter((line) => line.startsWith("/command/"));
    const old = "/command/daemontools (deleted)";
    assertEquals(ran, [old, old, "/command/daemontools"], stdout);
  },
});
