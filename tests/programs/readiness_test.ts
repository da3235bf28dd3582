/** Readiness with real clients: systemd's, s6's, and a shell. */

import { assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { waitForUp, writeScript } from "../support/service.ts";
import { isReference } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";
import { startTree, type Tree } from "../support/verbs.ts";

const SYSTEMD_NOTIFY = "/usr/bin/systemd-notify";
const S6_LOG = "/usr/bin/s6-log";
const PYTHON = "/usr/bin/python3";

/** Waits until the test lets it go on, without a process of its own for that. */
const WAIT = "while [ ! -e go ]; do sleep 0.02; done";
const STAY = "exec sleep 1000000";

function test(name: string, needs: readonly string[], fn: () => Promise<void>): void {
  Deno.test({ name, ignore: isReference || !needs.every((path) => existsSync(path)), fn });
}

async function stateOf(tree: Tree, name: string): Promise<[state: string, text: string | null]> {
  const { stdout } = await tree.verb(["status", "--json", name]);
  const [{ state, statusText }] = JSON.parse(stdout).services;
  return [state, statusText];
}

async function letGo(tree: Tree, name: string): Promise<void> {
  await Deno.writeTextFile(tree.join(`${name}/go`), "");
}

test("a newline at notification-fd makes a service ready", [], async () => {
  const run = `${WAIT}\necho >&7\n${STAY}`;
  await using tree = await startTree({ web: { run, files: { "notification-fd": "7\n" } } });
  await waitForUp(tree.join("web"));
  assertEquals((await stateOf(tree, "web"))[0], "up");
  const early = await tree.verb(["wait", "ready", "-t", "0.1", "web"]);
  assertEquals(early.code, 99);
  await using waiting = tree.startVerb(["wait", "ready", "web"]);
  await letGo(tree, "web");
  assertEquals((await waiting.status).code, 0);
  assertEquals((await stateOf(tree, "web"))[0], "ready");
  const restarted = await tree.verb(["restart", "web"]);
  assertMatch(restarted.stdout, /^web: ready \(pid \d+\)\n$/);
});

test("s6-log, a program that keeps to s6's convention, is ready", [S6_LOG], async () => {
  const run = `[ -p input ] || mkfifo input\n${WAIT}\nexec ${S6_LOG} -d 3 ./main <>input`;
  const files = { "notification-fd": "3\n" };
  await using tree = await startTree({ web: { run, files } });
  await waitForUp(tree.join("web"));
  assertEquals((await stateOf(tree, "web"))[0], "up");
  await letGo(tree, "web");
  assertEquals((await tree.verb(["wait", "ready", "-t", "60", "web"])).code, 0);
});

test("systemd-notify reports over notify-socket", [SYSTEMD_NOTIFY], async () => {
  const run = `${SYSTEMD_NOTIFY} --status='half way'\n${WAIT}\n` +
    `${SYSTEMD_NOTIFY} --ready --status='serving 7 clients'\n${STAY}`;
  await using tree = await startTree({ web: { run, files: { "notify-socket": "" } } });
  await waitFor(async () => (await stateOf(tree, "web"))[1] === "half way", { what: "a status" });
  assertEquals((await stateOf(tree, "web"))[0], "up");
  await letGo(tree, "web");
  assertEquals((await tree.verb(["wait", "ready", "-t", "60", "web"])).code, 0);
  await waitFor(async () => (await stateOf(tree, "web"))[1] === "serving 7 clients", {
    what: "the next status",
  });
});

/** Calls libsystemd's sd_notify, as its Python binding and most daemons do. */
const SD_NOTIFY = `
import ctypes, time
notify = ctypes.CDLL("libsystemd.so.0").sd_notify
def say(text):
    assert notify(0, text.encode()) > 0
say("READY=1\\nSTATUS=fed")
`;
const hasLibsystemd = existsSync(PYTHON) &&
  (await new Deno.Command(PYTHON, {
    args: ["-c", "import ctypes; ctypes.CDLL('libsystemd.so.0')"],
    stderr: "null",
  }).output()).success;

test("libsystemd's sd_notify feeds a watchdog, and who stops is restarted", [PYTHON], async () => {
  if (!hasLibsystemd) return;
  const main = `${SD_NOTIFY}
import os
while not os.path.exists("go"):
    say("WATCHDOG=1")
    time.sleep(0.05)
time.sleep(1000000)
`;
  const files = { "notify-socket": "", watchdog: "1500", main };
  await using tree = await startTree({ web: { run: `exec ${PYTHON} main`, files } });
  assertEquals((await tree.verb(["wait", "ready", "-t", "60", "web"])).code, 0);
  const pid = await waitForUp(tree.join("web"));
  await letGo(tree, "web");
  await waitForUp(tree.join("web"), pid);
  const history = await Deno.readTextFile(tree.join("web/supervise/history"));
  assertMatch(
    history,
    new RegExp(`watchdog pid=${pid}\\n.* exit pid=${pid} signal=6 .* by=watchdog`),
  );
});

test("nobody else can say that a service is ready", [SYSTEMD_NOTIFY], async () => {
  const run = `echo "$NOTIFY_SOCKET" >socket\n${STAY}`;
  await using tree = await startTree({ web: { run, files: { "notify-socket": "" } } });
  await waitForUp(tree.join("web"));
  const socket = await waitFor(
    () => Deno.readTextFileSync(tree.join("web/socket")).trim() || undefined,
    { what: "the socket's name" },
  );
  const { code } = await new Deno.Command(SYSTEMD_NOTIFY, {
    args: ["--ready", "--no-block"],
    env: { NOTIFY_SOCKET: socket },
  }).output();
  assertEquals(code, 0);
  assertEquals((await tree.verb(["wait", "ready", "-t", "0.5", "web"])).code, 99);
});

test("an executable check is asked until it says yes", [], async () => {
  await using tree = await startTree({ web: { down: true } });
  await writeScript(tree.join("web/check"), "test -e go");
  await using starting = tree.startVerb(["start", "-t", "60", "web"]);
  await waitForUp(tree.join("web"));
  assertEquals((await stateOf(tree, "web"))[0], "up");
  await letGo(tree, "web");
  assertEquals((await starting.status).code, 0);
  assertMatch(starting.stdout, /^web: ready \(pid \d+\)\n$/);
});
