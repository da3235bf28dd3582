/** daemontools new, add and remove, on real services. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { waitForUp, writeService } from "../../support/service.ts";
import { namesIn } from "../../support/temp.ts";
import { waitFor } from "../../support/wait.ts";
import { C_SVSCAN, hasC, LOGGER, startTree } from "../../support/verbs.ts";

const isRoot = Deno.uid() === 0;

Deno.test("new writes a service that runs its command with every argument as it is", async () => {
  await using tree = await startTree({});
  const words = ["it's", 'a "quoted"', "$HOME `x` \\", "", "two\nlines", "*"];
  const env = ["GREETING=hello  world", "EMPTY=", "LINES=a\nb"];
  const { stdout, stderr, code } = await tree.verb([
    "new",
    "--dir",
    tree.beside("made"),
    ...env.flatMap((each) => ["--env", each]),
    "--link",
    "web",
    "--",
    "/bin/sh",
    "-c",
    'printf "<%s>" "$@" "$GREETING" "${EMPTY-unset}" "$LINES" >out; exec sleep 1000000',
    "sh",
    ...words,
  ]);
  assertEquals([stderr, code], ["", 0]);
  assertMatch(stdout, /^wrote .*\/made\/web\/run\n.*\nweb: linked as .*\nweb: up \(pid \d+\)\n$/s);
  const out = await waitFor(
    async () => await Deno.readTextFile(tree.beside("made/web/out")) || undefined,
    { what: "what it prints" },
  );
  assertEquals(out, [...words, "hello  world", "", "a\nb"].map((each) => `<${each}>`).join(""));
  assertEquals(
    namesIn(tree.beside("made/web")).filter((name) => name !== "out" && name !== "supervise"),
    ["env", "log", "run"],
  );
  await waitForUp(tree.join("web/log"));
});

Deno.test("new overwrites nothing, and leaves nothing when it fails", async () => {
  await using tree = await startTree({});
  Deno.mkdirSync(tree.beside("web"));
  const taken = await tree.verb(["new", "web", "--", "true"], { cwd: tree.beside("") });
  assertEquals(taken.code, 111);
  assertMatch(taken.stderr, /^daemontools: unable to write .*\/web: it is there already\n$/);
  const nobody = ["new", "--user", "no-such-account", "other", "--", "true"];
  const unknown = await tree.verb(nobody, { cwd: tree.beside("") });
  assertEquals(
    [unknown.stderr, unknown.code],
    ["daemontools: there is no account no-such-account\n", 111],
  );
  assertEquals(namesIn(tree.beside("")), ["service", "web"]);
  for (
    const wrong of [["new"], ["new", "x"], ["new", "x", "y", "--", "z"], ["new", ".x", "--", "z"]]
  ) {
    assertEquals((await tree.verb(wrong)).code, 100, wrong.join(" "));
  }
});

Deno.test({
  name: "new writes scripts that take on accounts, with a log that its user can write to",
  ignore: !isRoot,
  async fn() {
    await using tree = await startTree({});
    const options = ["--user", "nobody", "--log-user", "nobody"];
    const { code } = await tree.verb(["new", ...options, "web", "--", "sleep", "9"], {
      cwd: tree.beside(""),
    });
    assertEquals(code, 0);
    assertEquals(
      await Deno.readTextFile(tree.beside("web/run")),
      "#!/bin/sh\nexec 2>&1\nexec setuidgid nobody sleep 9\n",
    );
    assertEquals(
      await Deno.readTextFile(tree.beside("web/log/run")),
      "#!/bin/sh\nexec setuidgid nobody multilog t s1000000 n10 ./main\n",
    );
    assert((await Deno.stat(tree.beside("web/log/main"))).uid !== 0);
  },
});

for (const svscan of ["svscan", ...hasC ? [C_SVSCAN] : []]) {
  Deno.test(`add and remove take a service in and out, with ${svscan}`, async () => {
    await using tree = await startTree({}, svscan);
    const run = "trap 'echo bye; exit' TERM; echo hi; : >ready; while :; do sleep 0.05; done";
    await writeService(tree.beside("web"), { run, logRun: LOGGER });
    const added = await tree.verb(["add", tree.beside("web")]);
    const pid = await waitForUp(tree.join("web"));
    assertEquals(
      [added.stdout, added.stderr, added.code],
      [`web: linked as ${tree.join("web")}\nweb: up (pid ${pid})\n`, "", 0],
    );
    const again = await tree.verb(["add", tree.beside("web")]);
    assertMatch(again.stderr, /: .*\/service\/web is there already\n$/);
    assertEquals(again.code, 1);
    // Then its trap is set.
    await waitFor(() => existsSync(tree.join("web/ready")), { what: "the service to be ready" });
    const removed = await tree.verb(["remove", "web"]);
    assertEquals(
      [removed.stdout, removed.stderr, removed.code],
      [`web: removed; its directory is left, ${tree.beside("web")}\n`, "", 0],
    );
    assertEquals(namesIn(tree.path), []);
    assertMatch(await Deno.readTextFile(tree.beside("web/log/main/current")), / hi\n@.* bye\n$/);
    assertEquals((await tree.verb(["status", tree.beside("web")])).code, 4);
  });
}

Deno.test("add refuses what cannot run, and says so", async () => {
  await using tree = await startTree({});
  Deno.mkdirSync(tree.beside("empty"));
  await writeService(tree.beside("plain"));
  Deno.chmodSync(tree.beside("plain/run"), 0o644);
  const { stderr, code } = await tree.verb(["add", ...["empty", "plain", "gone"].map(tree.beside)]);
  assertEquals([stderr.replaceAll(tree.beside(""), ""), code], [
    "daemontools: empty: it has no run\n" +
    "daemontools: plain: its run is not executable\n" +
    "daemontools: gone: there is no such directory\n",
    1,
  ]);
  assertEquals(namesIn(tree.path), []);
});

Deno.test("remove of a real directory leaves it out of sight, and says where", async () => {
  await using tree = await startTree({ web: {} });
  await waitForUp(tree.join("web"));
  const { stdout, code } = await tree.verb(["remove", "web"]);
  assertEquals(
    [stdout, code],
    [`web: removed; its directory is left, as ${tree.join(".web")}\n`, 0],
  );
  await waitFor(() => namesIn(tree.path).join() === ".web", { what: "only what is left" });
});
