/** What README.md and the manual pages of section 7 tell to paste, pasted on machines of their own. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import {
  hasLoopback,
  hasMachines,
  layOutRelease,
  makeMachine,
  runOnMachine,
  SYSTEMD_FILES,
} from "../support/machine.ts";
import { examplesOf, readManual, sectionsOf, unhurried } from "../support/manual.ts";
import { writeService } from "../support/service.ts";
import { type TempDir, tempDir } from "../support/temp.ts";
import { isReference, ROOT } from "../support/tools.ts";

const INSTALL = "sh /release/install.sh >/dev/null\n";
const hasTutorialTools = hasLoopback &&
  ["/usr/bin/curl", "/usr/bin/python3", "/usr/sbin/useradd"].every((path) => existsSync(path));

/** A function of the shell for what takes a moment, with a deadline. */
const UNTIL_TRUE = `until_true() {
  left=1200
  until "$@"; do
    left=$((left - 1))
    [ $left -gt 0 ] || { echo "waited in vain: $*" >&2; exit 1; }
    sleep 0.1
  done
}
`;

/** The examples of a page of section 7, in order. */
async function examples(name: string): Promise<string[]> {
  return examplesOf(await readManual(`daemontools-${name}`, 7)).map(unhurried);
}

/** A machine with systemd's files and a release to install, and services below `srv`. */
async function withMachine(
  action: (machine: TempDir) => Promise<void>,
): Promise<void> {
  await using machine = await tempDir();
  await makeMachine(machine.path, SYSTEMD_FILES);
  await layOutRelease(machine.join("release"), `${ROOT}/build/daemontools`);
  await action(machine);
}

/** Runs steps one after the other and gives what each of them printed; none may fail. */
async function runSteps(machine: TempDir, before: string, steps: string[]): Promise<string[]> {
  const marked = steps.map((text, index) => `echo "--- ${index}"\n${text}`);
  const { code, stdout, stderr } = await runOnMachine(
    machine.path,
    UNTIL_TRUE + before + marked.join("\n"),
  );
  assertEquals([code, stderr], [0, ""], stdout);
  return stdout.split(/^--- \d+\n/m).slice(1);
}

function test(name: string, needs: boolean, fn: (machine: TempDir) => Promise<void>): void {
  Deno.test({
    name,
    ignore: isReference || !hasMachines || !needs,
    fn: () => withMachine(fn),
  });
}

test("the tour of README.md works as it stands", true, async (machine) => {
  const readme = await Deno.readTextFile(`${ROOT}/README.md`);
  const tour = /^## A tour.*\n[^]*?^```sh\n([^]*?)^```$/m.exec(readme)?.[1] ?? "";
  const lines = unhurried(tour).trimEnd().split("\n");
  assertEquals(lines.length, 10);
  const said = await runSteps(machine, INSTALL, lines);
  const [added = "", , status = "", log = "", , down = "", started = ""] = said.slice(2);
  assertMatch(added, /^clock: up \(pid \d+\)$/m);
  assertMatch(status, /^clock +up +\d+ /m);
  assert(/pid (\d+)/.exec(added)?.[1] !== /^clock +up +(\d+)/m.exec(status)?.[1]);
  assertMatch(log, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \w+ .*\d{4}$/m);
  assertMatch(down, /^\/service\/clock: down \d+ seconds, normally up\n$/);
  assertMatch(started, /^clock: up \(pid \d+\)$/m);
});

test("the tutorial works as it stands", hasTutorialTools, async (machine) => {
  const commands = await examples("tutorial");
  assert(commands.length >= 7);
  const said = await runSteps(machine, INSTALL, commands);
  const [running = "", killed = "", moved = "", down = "", named = ""] = said.slice(2);
  assertMatch(running, /^\/service\/hello: up \(pid \d+\) \d+ seconds\n/);
  assertMatch(running, /^\/service\/hello\/log: up \(pid \d+\) \d+ seconds\n/m);
  assertStringIncludes(running, "It works.\n");
  assertMatch(killed, /^\/service\/hello: up \(pid \d+\) \d+ seconds\n$/);
  assertEquals(moved, "It works.\n");
  assertMatch(down, /^\/service\/hello: (?:up .*, want down|down \d+ seconds, normally up)\n$/);
  assert(/pid (\d+)/.exec(running)?.[1] !== /pid (\d+)/.exec(killed)?.[1]);
  assertMatch(named, /^hello +up +\d+ /m);
  assertMatch(named, /^hello: up \(pid \d+\)$/m);
  const log = await Deno.readTextFile(machine.join("var/log/hello/current"));
  assertMatch(log, /^@[0-9a-f]{24} .*"GET \/ HTTP\/1.1" 200/m);
});

test("what the page on deploying tells works", hasTutorialTools, async (machine) => {
  const [accounts = "", service = "", start = ""] = await examples("tutorial");
  const [newRun = "", deploy = "", readOnly = "", ...more] = await examples("deploying");
  assertEquals(more, []);
  const releases = `for number in 1 2; do
  mkdir -p /srv/hello/releases/$number
  printf '#!/bin/sh\\necho release %s\\nexec sleep 1000\\n' $number \\
    >/srv/hello/releases/$number/server
  chmod 755 /srv/hello/releases/$number/server
done
ln -s releases/1 /srv/hello/current`;
  const logged = (number: number): string =>
    `until_true grep -q 'release ${number}$' /var/log/hello/current 2>/dev/null`;
  const before = INSTALL + accounts + service;
  const steps = [readOnly, start, releases, `${newRun}\nsvc -t /service/hello`, logged(1)];
  await runSteps(machine, before, [...steps, deploy, logged(2)]);
  for (const name of ["supervise-hello", "supervise-hello-log"]) {
    assert(existsSync(machine.join(`run/${name}/status`)), name);
  }
});

test("what the page on troubleshooting tells works", existsSync("/usr/bin/ps"), async (machine) => {
  const [look = "", check = "", ...more] = await examples("troubleshooting");
  assertEquals(more, []);
  const bad = "mkdir /service/bad\n: >/service/bad/run\n";
  const wait = `until_true eval '${look.trim().replaceAll("'", "'\\''")} | grep -q bad/run:'`;
  const steps = [bad, `${wait}`, look, check];
  const [, , said = "", found = ""] = await runSteps(machine, INSTALL, steps);
  assertStringIncludes(said, "unable to start bad/run: access denied");
  assertStringIncludes(found, "bad: run is not executable\n    chmod +x /service/bad/run\n");
});

test("the recipes work as they stand", true, async (machine) => {
  const sections = sectionsOf(await readManual("daemontools-recipes", 7));
  const scripts = [...sections.values()].flatMap((section) =>
    examplesOf(section).filter((text) => text.startsWith("#!/bin/sh\n"))
  );
  assertEquals(scripts.length, 5);
  for (const [index, script] of scripts.entries()) {
    await writeService(machine.join(`srv/${index}`), { logRun: "exec multilog ./main" });
    // The machine has our /usr, where nothing can be added.
    const text = script.replace("/usr/lib/postgresql/15/bin", "/usr/local/bin");
    await Deno.writeTextFile(machine.join(`srv/${index}/run`), text);
  }
  const pretend =
    `echo "$(basename "$0") $* as $(id -un) $(id -G), \${PORT-no port}"\nexec sleep 1000\n`;
  const stub = `cat >/tmp/stub <<'END'\n#!/bin/sh\n${pretend}END\nchmod 755 /tmp/stub\n`;
  const prepare = `${stub}
for name in nginx racket postgres carbon-cache; do cp /tmp/stub /usr/local/bin/$name; done
echo 'postgres:x:994:994::/:/bin/sh' >>/etc/passwd
printf 'postgres:x:994:\\nssl-cert:x:995:postgres\\n' >>/etc/group
mkdir -p /srv/app/current/venv/bin /srv/app/service/env /var/lib/graphite
cp /tmp/stub /srv/app/current/venv/bin/gunicorn
printf 'app:x:992:992::/:/bin/sh\\n_graphite:x:993:993::/:/bin/sh\\n' >>/etc/passwd
echo 8000 >/srv/app/service/env/PORT
for number in 0 1 2 3 4; do
  mkdir -p /srv/$number/env
  echo 8000 >/srv/$number/env/PORT
  ln -s /srv/$number /service/$number
done`;
  const wait = `for number in 0 1 2 3 4; do
  until_true grep -q ' as ' /srv/$number/log/main/current 2>/dev/null
done
cat /srv/?/log/main/current`;
  const [, logs = ""] = await runSteps(machine, INSTALL, [prepare, wait]);
  assertEquals(logs.trimEnd().split("\n"), [
    "nginx -g daemon off; as root 0, no port",
    "gunicorn --bind 127.0.0.1:8000 app:application as app 992, 8000",
    "racket /srv/app/current/server.rkt as app 992, 8000",
    "postgres -D /var/lib/postgresql/15/main " +
    "-c config_file=/etc/postgresql/15/main/postgresql.conf as postgres 994 995, no port",
    "carbon-cache --nodaemon --config=/etc/carbon/carbon.conf " +
    "--pidfile=/var/lib/graphite/carbon-cache.pid start as _graphite 993, no port",
  ]);
});

test("the recipe of a container works, and what Kubernetes asks it", true, async (machine) => {
  const all = await examples("recipes");
  const dockerfile = all.find((text) => text.startsWith("FROM ")) ?? "";
  const deployment = all.find((text) => text.startsWith("apiVersion:")) ?? "";
  const runs = [...dockerfile.matchAll(/^RUN (.*)$/gm)].map(([, command = ""]) => command);
  const main: string[] = JSON.parse(/^CMD (.*)$/m.exec(dockerfile)?.[1] ?? "[]");
  const probe = /command: \[(.*?)\]/.exec(deployment)?.[1]?.replaceAll(",", "") ?? "false";
  const [, name, value] = /env: \[\{ name: (\w+), value: (\S+) \}\]/.exec(deployment) ?? [];
  assertEquals([runs.length, main.length, name], [2, 2, "SUPERVISEDIR"]);
  await writeService(machine.join("srv/web"));
  await Deno.rename(machine.join("release/daemontools"), machine.join("tmp/daemontools"));
  const start = `${main.join(" ")} >/dev/null & svscan=$!`;
  const stop = "kill $svscan; wait $svscan";
  await runSteps(machine, `export ${name}=${value}\n`, [
    `{ ${runs.join("\n")}\n} >/dev/null`,
    start,
    `until_true ${probe}`,
    stop,
  ]);
  assertEquals(existsSync(machine.join("tmp/daemontools")), false);
  assertEquals(existsSync(machine.join("srv/web/supervise")), false);
  assert(existsSync(machine.join(`${value}/srv:web/status`)));
});

test(
  "changing over from the C tools works as the page on migration tells",
  existsSync("/usr/bin/svscan"),
  async (machine) => {
    const [changeOver = "", ...more] = await examples("migration");
    assertEquals(more, []);
    await writeService(machine.join("service/web"), { logRun: "exec multilog t ./main" });
    const old = `PATH=/usr/bin:/bin /usr/bin/svscan /service &
until_true /usr/bin/svok /service/web
until_true /usr/bin/svok /service/web/log`;
    const install = "/release/daemontools install --force";
    const start = `systemctl start daemontools.service
is_ours() {
  svok /service/web && svok /service/web/log && ! pgrep -x supervise >/dev/null
}
until_true is_ours
until_true eval 'svstat /service/web | grep -q ": up "'
readlink /proc/$(pgrep -x svscan)/exe`;
    const said = await runSteps(machine, "", [old, install, changeOver, start]);
    assertStringIncludes(said[1] ?? "", "svscan runs already");
    assertEquals(said[3], "/command/daemontools\n");
  },
);
