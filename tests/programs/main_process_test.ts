/** A service that names another process as itself, as daemons do that go to the background. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { writeExecutable } from "../support/executable.ts";
import { environmentOf, isAlive, processInfo } from "../support/processes.ts";
import {
  readServiceStatus,
  waitForDown,
  waitForSupervisor,
  waitForUp,
} from "../support/service.ts";
import { hasPerl, isReference, run, start } from "../support/tools.ts";
import { startTree, type Tree } from "../support/verbs.ts";
import { waitFor } from "../support/wait.ts";

/**
 * Goes to the background as a daemon does: its first process ends, and so does the next one, so that
 * the last has neither parent nor session. `stay` keeps the first process.
 */
const DAEMON = `#!/usr/bin/perl
use IO::Socket::UNIX; use POSIX;
sub say_so {
  (my $path = $ENV{NOTIFY_SOCKET}) =~ s/^@/\\0/;
  my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Peer => $path) or die "socket: $!";
  $socket->send($_[0]) or die "send: $!";
}
pipe(my $reader, my $writer);
my $first = fork;
if ($first) {
  close $writer;
  my $child = <$reader>;
  say_so("MAINPID=$child\\nREADY=1\\nSTATUS=in the background") if $ARGV[0] eq "parent";
  if ($ARGV[1] eq "stay") { waitpid($first, 0); sleep 1000000; }
  exit 0;
}
setsid();
exit 0 if $ARGV[1] ne "stay" && fork;
say_so("MAINPID=$$\\nREADY=1\\nSTATUS=in the background") if $ARGV[0] eq "child";
print $writer $$; close $writer;
$SIG{HUP} = sub { open(my $file, ">", "hup"); };
$SIG{USR1} = sub { exit 7; };
sleep 1000000 while 1;
`;

function daemonTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, ignore: isReference || !hasPerl });
}

function startDaemon(who: "parent" | "child", rest = ""): Promise<Tree> {
  const run = `exec ./daemon ${who} ${rest}`;
  const files = { "notify-socket": "" };
  return startTree({ web: { run, down: true, files } }).then(async (tree) => {
    await writeExecutable(tree.join("web/daemon"), DAEMON);
    return tree;
  });
}

/** The process that svstat shows, once it has named itself. */
function waitForMain(tree: Tree, otherThan = 0): Promise<number> {
  return waitFor(async () => {
    const { pid } = await readServiceStatus(tree.join("web"));
    const text = await Deno.readTextFile(tree.join("web/supervise/status-text")).catch(() => "");
    return text === `${pid} in the background\n` && pid !== otherThan && isAlive(pid) ? pid : false;
  }, { what: "the daemon in the background" });
}

async function upgrade({ svscan }: Tree): Promise<void> {
  svscan.kill("SIGUSR2");
  await waitFor(
    () => [...environmentOf(svscan.pid).keys()].some((name) => name.includes("HANDOVER")),
    { what: "the upgrade" },
  );
}

for (const who of ["parent", "child"] as const) {
  daemonTest(`a daemon in the background is supervised when its ${who} names it`, async () => {
    await using tree = await startDaemon(who);
    const started = await tree.verb(["start", "web"]);
    assertMatch(started.stdout, /^web: ready \(pid \d+\)\n$/);
    const pid = await waitForMain(tree);
    const web = tree.join("web");
    await waitFor(() => processInfo(pid)?.parentPid === tree.svscan.pid, {
      what: "its parent to have ended",
    });
    assertMatch((await run("svstat", [web])).stdout, new RegExp(`up \\(pid ${pid}\\) `));
    const { services: [status] } = JSON.parse((await tree.verb(["status", "--json"])).stdout);
    assertEquals([status.pid, status.state, status.lastExit], [pid, "ready", null]);
    await run("svc", ["-h", web]);
    await waitFor(() => existsSync(`${web}/hup`), { what: "SIGHUP to arrive" });
    assertEquals((await tree.verb(["check", "web"])).code, 0);

    await run("svc", ["-1", web]);
    const next = await waitForMain(tree, pid);
    const history = await Deno.readTextFile(`${web}/supervise/history`);
    // svscan is its parent by then, so its exit code is known.
    assertMatch(history, new RegExp(` exit pid=${pid} code=7 `));
    assertEquals((await tree.verb(["stop", "web"])).code, 0);
    assert(!isAlive(next));
    assertEquals(tree.svscan.stderr, "");
  });
}

daemonTest("a first process that stays is ended before the service is started again", async () => {
  await using tree = await startDaemon("parent", "stay");
  assertEquals((await tree.verb(["start", "web"])).code, 0);
  const pid = await waitForMain(tree);
  const first = processInfo(pid)!.parentPid;
  assert(first !== tree.svscan.pid);
  assertEquals((await tree.verb(["check", "web"])).code, 0);
  await upgrade(tree);
  await run("svc", ["-k", tree.join("web")]);
  const next = await waitForMain(tree, pid);
  assert(!isAlive(first));
  const [second] = [processInfo(next)!.parentPid];
  await run("svc", ["-d", tree.join("web")]);
  await waitForDown(tree.join("web"));
  assert(!isAlive(next) && !isAlive(second));
});

daemonTest(
  "a daemon in the background is taken over after kill -9, and after an upgrade",
  async () => {
    await using tree = await startDaemon("parent");
    assertEquals((await tree.verb(["start", "web"])).code, 0);
    const pid = await waitForMain(tree);
    const web = tree.join("web");
    await upgrade(tree);
    await run("svc", ["-h", web]);
    await waitFor(() => existsSync(`${web}/hup`), { what: "SIGHUP to arrive" });
    assertEquals((await readServiceStatus(web)).pid, pid);
    tree.svscan.kill("SIGKILL");
    await tree.svscan.status;
    await using svscan = start("svscan", [tree.path]);
    await waitForSupervisor(web);
    assertEquals((await readServiceStatus(web)).pid, pid);
    assertEquals((await tree.verb(["status", "web", "--json"])).code, 0);
    await run("svc", ["-d", web]);
    await waitForDown(web);
    assert(!isAlive(pid));
    assertEquals(svscan.stderr, "");
  },
);

/** Whether Debian's python3-systemd, or the same from elsewhere, is installed. */
const PYTHON = "/usr/bin/python3";
const hasPythonSystemd = existsSync(PYTHON) &&
  (await new Deno.Command(PYTHON, { args: ["-c", "import systemd.daemon"], stderr: "null" })
    .output()).success;

const PYTHON_DAEMON = `
import os, sys, time
from systemd.daemon import notify
child = os.fork()
if child:
    assert notify("READY=1\\nMAINPID=%d\\nSTATUS=in the background" % child)
    os._exit(0)
os.setsid()
while not os.path.exists("go"):
    assert notify("WATCHDOG=1")
    time.sleep(0.05)
time.sleep(1000000)
`;

Deno.test({
  name: "systemd.daemon.notify of Python reports MAINPID, and feeds the watchdog from there" +
    (hasPythonSystemd ? "" : " (skipped: python3-systemd is not installed)"),
  ignore: isReference || !hasPythonSystemd,
  async fn() {
    const files = { "notify-socket": "", watchdog: "1500", main: PYTHON_DAEMON };
    await using tree = await startTree({ web: { run: `exec ${PYTHON} main`, files } });
    assertEquals((await tree.verb(["wait", "ready", "-t", "60", "web"])).code, 0);
    const pid = await waitForMain(tree);
    await Deno.writeTextFile(tree.join("web/go"), "");
    // It hangs now, and its successor too.
    await waitForUp(tree.join("web"), pid);
    const history = await Deno.readTextFile(tree.join("web/supervise/history"));
    assertMatch(
      history,
      new RegExp(
        `main pid=${pid}\\n[^]*watchdog pid=${pid}\\n.* exit pid=${pid} signal=6 .*by=watchdog`,
      ),
    );
  },
});
