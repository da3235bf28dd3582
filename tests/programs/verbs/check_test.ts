/** daemontools check, on services with the mistakes of beginners. */

import { assertEquals, assertMatch } from "@std/assert";
import { type ServiceFiles, waitForUp } from "../../support/service.ts";
import { writeExecutable } from "../../support/executable.ts";
import { start } from "../../support/tools.ts";
import { waitFor } from "../../support/wait.ts";
import { LOGGER, startTree, type Tree } from "../../support/verbs.ts";

interface Finding {
  readonly service: string | null;
  readonly code: string;
  readonly problem: string;
  readonly advice: string;
}

async function findings(tree: Tree, ...names: string[]): Promise<Finding[]> {
  const { stdout, code } = await tree.verb(["check", "--json", ...names]);
  const { version, findings } = JSON.parse(stdout);
  assertEquals([version, code], [1, findings.length > 0 ? 1 : 0]);
  return findings;
}

/** What is found of a service, as soon as something is. */
async function codesOf(tree: Tree, name: string): Promise<string[]> {
  const found = await waitFor(async () => {
    const all = await findings(tree, name);
    return all.length > 0 && all;
  }, { what: `findings about ${name}` });
  return found.map(({ code }) => code);
}

/** Directories of tests belong to who runs them; what is about owners is in one test. */
const asUser = (codes: string[]) => codes.filter((code) => code !== "writable-by-user");

Deno.test("check finds nothing where nothing is wrong", async () => {
  await using tree = await startTree({ web: { logRun: LOGGER }, off: { down: true } });
  await waitForUp(tree.join("web"));
  await waitForUp(tree.join("web/log"));
  const { stdout, stderr, code } = await tree.verb(["check"]);
  assertEquals([stdout, stderr, code], ["checked 2 services: nothing found\n", "", 0]);
});

const MISTAKES: Record<
  string,
  { service: ServiceFiles; after?: (path: string) => void; code: string }
> = {
  missing: { service: {}, after: (path) => Deno.removeSync(`${path}/run`), code: "run-missing" },
  plain: {
    service: {},
    after: (path) => Deno.chmodSync(`${path}/run`, 0o644),
    code: "run-not-executable",
  },
  crlf: { service: { run: "#!/bin/sh\r\nexec sleep 9\r\n" }, code: "run-crlf" },
  interpreter: {
    service: { run: "#!/no/such/sh\nexec sleep 9\n" },
    code: "run-interpreter-missing",
  },
  headless: {
    service: {},
    after: (path) => Deno.writeTextFileSync(`${path}/run`, "exec sleep 9\n"),
    code: "run-no-interpreter",
  },
  account: { service: { run: "exec setuidgid no-such-user sleep 9" }, code: "account-missing" },
  open: { service: {}, after: (path) => Deno.chmodSync(path, 0o777), code: "writable-by-all" },
  shell: { service: { run: "sleep 1000000\nexit 1" }, code: "no-exec" },
};

for (const [name, { service, after, code }] of Object.entries(MISTAKES)) {
  Deno.test(`check finds ${code}, and says what to do`, async () => {
    await using tree = await startTree({ [name]: { down: code !== "no-exec", ...service } });
    after?.(tree.join(name));
    assertEquals(asUser(await codesOf(tree, name)), [code]);
    const { stdout } = await tree.verb(["check", name]);
    assertMatch(stdout, new RegExp(`^${name}: .+\\n    .+\\n$`));
  });
}

Deno.test("check, status and start say why a run cannot be started", async () => {
  await using tree = await startTree({ web: { run: "#!/no/such/sh\nexec true\n" } });
  const why =
    /^web: failed \(run cannot be started\): run names the interpreter \/no\/such\/sh, which/;
  const { stdout } = await waitFor(async () => {
    const result = await tree.verb(["status", "web"]);
    return result.stdout.includes("failed") && result;
  }, { what: "the first attempt" });
  assertMatch(stdout, /failed \(run cannot be started: run names the interpreter \/no\/such\/sh, /);
  const { stderr } = await tree.verb(["start", "web"]);
  assertMatch(stderr, why);
  const unknown = await tree.verb(["check", "nosuch"]);
  assertEquals([unknown.stdout, unknown.code], ["", 1]);
});

Deno.test("check quotes what its advice has people type", async () => {
  await using tree = await startTree({ "a b": { down: true } });
  Deno.chmodSync(tree.join("a b/run"), 0o644);
  const [finding] = await findings(tree, "a b");
  assertEquals(finding?.advice, `chmod +x '${tree.join("a b/run")}'`);
});

Deno.test("check finds a program that went to the background", async () => {
  const run = "setsid sh -c 'exec sleep 1000000' &\nexit 0";
  await using tree = await startTree({ daemon: { run } });
  await waitFor(async () => (await codesOf(tree, "daemon")).includes("in-background"), {
    what: "it to be found",
  });
});

Deno.test("check finds a service that keeps ending, and says what it said last", async () => {
  const run = "exec 2>&1\necho no port\nexit 7";
  await using tree = await startTree({ web: { run, logRun: LOGGER } });
  assertEquals(await codesOf(tree, "web"), ["keeps-ending"]);
  const { stdout } = await tree.verb(["check", "web"]);
  assertMatch(
    stdout,
    /^web: it keeps ending: exited with code 7 after \S+, .* in the last minute; .* log: no port\n/,
  );
  assertEquals((await tree.verb(["stop", "web"])).code, 0);
  assertEquals(await findings(tree, "web"), []);
});

Deno.test("check finds a service that its watchdog ends again and again", async () => {
  const files = { "notify-socket": "", watchdog: "100" };
  await using tree = await startTree({ web: { run: "exec sleep 1000000", files } });
  assertEquals(await codesOf(tree, "web"), ["keeps-ending"]);
});

Deno.test("check finds a service that is not started again", async () => {
  const files = { "permanent-exit": "3" };
  await using tree = await startTree({ web: { run: "exit 3", files } });
  assertEquals(await codesOf(tree, "web"), ["failed"]);
  const { stdout } = await tree.verb(["check", "web"]);
  assertMatch(
    stdout,
    /^web: it is not started again \(permanent-exit names its exit code\): exited with code 3 after /,
  );
});

Deno.test("check finds an orphan and a missing svscan", async () => {
  await using tree = await startTree({ web: {} });
  await waitForUp(tree.join("web"));
  tree.svscan.kill("SIGKILL");
  await tree.svscan.status;
  const found = await findings(tree);
  assertEquals(found.map(({ service, code }) => [service, code]), [["web", "orphaned"]]);
  assertMatch(found[0]!.advice, /svscan/);
});

Deno.test("check finds a service that runs twice, and says which process is a copy", async () => {
  await using tree = await startTree({ web: {} });
  const pid = await waitForUp(tree.join("web"));
  tree.svscan.kill("SIGKILL");
  await tree.svscan.status;
  // The next svscan knows nothing of that process.
  Deno.removeSync(tree.join("web/supervise"), { recursive: true });
  await using _svscan = start("svscan", [tree.path]);
  await waitForUp(tree.join("web"));
  // Right after its start it is a shell yet, and looks like no copy.
  const [finding, ...others] = await waitFor(async () => {
    const found = await findings(tree, "web");
    return found.some(({ code }) => code === "runs-twice") && found;
  }, { what: "the copy to be found" });
  assertEquals([finding?.code, finding?.advice, others], ["runs-twice", `kill ${pid}`, []]);
});

Deno.test("check finds links that lead nowhere, and two that lead to one directory", async () => {
  await using tree = await startTree({ web: {} });
  Deno.symlinkSync(tree.beside("nothing"), tree.join("gone"));
  Deno.symlinkSync(tree.join("web"), tree.join("www"));
  const found = await findings(tree);
  assertEquals(found.map(({ service, code }) => [service, code]), [
    ["gone", "dangling-link"],
    ["web", "linked-twice"],
  ]);
});

Deno.test("check finds a supervise directory that was copied along", async () => {
  await using tree = await startTree({ web: {} });
  Deno.mkdirSync(tree.beside("other/copy/supervise"), { recursive: true });
  await writeExecutable(tree.beside("other/copy/run"), "#!/bin/sh\nexec true\n");
  const codes = async () => {
    const { stdout } = await tree.verb(["check", "--json", "-C", tree.beside("other")]);
    return JSON.parse(stdout).findings.map(({ code }: Finding) => code);
  };
  assertEquals(await codes(), ["no-svscan"]);
  // One that serves the directory, and not this service.
  await using _svscan = start("/bin/bash", [
    "-c",
    'cd "$0"; exec -a svscan sleep 1000000',
    tree.beside("other"),
  ]);
  await waitFor(async () => (await codes()).join() === "old-supervise", { what: "old-supervise" });
});

Deno.test({
  name: "check finds a log directory that its user cannot write to",
  ignore: Deno.uid() !== 0,
  async fn() {
    const logRun = "exec setuidgid nobody multilog t ./main";
    await using tree = await startTree({ web: { logRun, logDown: true } });
    const [finding, ...others] = await findings(tree, "web");
    assertEquals([finding?.code, others], ["log-not-writable", []]);
    Deno.mkdirSync(tree.join("web/log/main"));
    assertMatch((await findings(tree, "web"))[0]!.problem, /cannot write to its log directory/);
    Deno.chmodSync(tree.join("web/log/main"), 0o777);
    assertEquals(await findings(tree, "web"), []);
  },
});

Deno.test({
  name: "check finds what root runs and somebody else can write",
  ignore: Deno.uid() !== 0,
  async fn() {
    await using tree = await startTree({ web: {} });
    Deno.chownSync(tree.join("web/run"), 65534, 65534);
    assertEquals((await findings(tree, "web")).map(({ code }) => code), ["writable-by-user"]);
  },
});

Deno.test("check shows what svscan's readproctitle shows", async () => {
  await using tree = await startTree({});
  Deno.mkdirSync(tree.beside("other/headless"), { recursive: true });
  const script = 'svscan "$0" 2>&1 | readproctitle service errors: "$1"';
  const args = ["-c", script, tree.beside("other"), ".".repeat(300)];
  await using _svscan = start("/bin/sh", args);
  await waitFor(async () => {
    const { stdout } = await tree.verb(["check", "--json", "-C", tree.beside("other")]);
    return JSON.parse(stdout).findings.some(({ code, problem }: Finding) =>
      code === "readproctitle" && problem.includes("headless")
    );
  }, { what: "the message to be found" });
});
