/**
 * svscanboot: what it starts, and in what state. Its programs have a clean environment, so they are
 * found as its descendants and not by a variable.
 *
 * Not tested: /service, its default, which a test has no business with.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  childrenOf,
  commandLineOf,
  descendantsOf,
  descriptorsOf,
  isAlive,
  processInfo,
} from "../support/processes.ts";
import { waitForSupervisor, waitForUp, writeService } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, run, start, type Started } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

const PATH = "/command:/usr/local/bin:/usr/local/sbin:/bin:/sbin:/usr/bin:/usr/sbin:/usr/X11R6/bin";

/** Ends svscan as an administrator would, and whatever that left behind. */
async function stop(boot: Started, pids: number[]): Promise<void> {
  try {
    boot.kill("SIGTERM");
    await waitFor(() => !pids.some(isAlive), { what: "everything to end" });
  } finally {
    for (const pid of pids.filter(isAlive)) Deno.kill(pid, "SIGKILL");
  }
}

Deno.test({
  name: "svscanboot starts svscan with its errors in a title, and nothing of our environment",
  // The C program's directory is fixed.
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    const run = "tr '\\0' '\\n' </proc/$$/environ >env; exec sleep 1000000";
    const service = await writeService(dir.join("scan/a"), { run });
    const logged = await writeService(dir.join("scan/b"), {
      run: "echo hello; exec sleep 1000000",
      logRun: "exec cat >>out",
    });
    await Deno.mkdir(dir.join("scan/norun"));
    await using old = start("supervise", [dir.join("scan/a")], { cwd: dir.path });
    await waitForUp(service);

    await using boot = start("svscanboot", [dir.join("scan")], { cwd: dir.path, env: { A: "b" } });
    const pids = [boot.pid];
    try {
      assertEquals((await old.status).code, 0);
      for (const path of [service, logged, `${logged}/log`]) await waitForSupervisor(path);
      const pid = await waitForUp(service);
      pids.push(...descendantsOf(boot.pid));
      assertEquals(commandLineOf(boot.pid), ["svscan", dir.join("scan")]);
      assertEquals(processInfo(boot.pid)?.name, "svscan");
      const environment = await waitFor(
        async () => await Deno.readTextFile(`${service}/env`) || undefined,
        { what: "the environment of a service" },
      );
      assertEquals(environment.split("\n").filter((line) => line !== ""), [`PATH=${PATH}`]);

      // The tests themselves may have been given more descriptors than these.
      await using plain = start("/bin/cat", [], { cwd: dir.path });
      // Until then it may still read libraries.
      await plain.write("here");
      await plain.waitForOutput("here");
      const wanted = [...descriptorsOf(plain.pid).keys()].join();
      await waitFor(() => [...descriptorsOf(pid).keys()].join() === wanted, {
        what: `the service to have ${wanted} open, and nothing else`,
        explain: () => [...descriptorsOf(pid)].join("\n"),
      });
      const own = descriptorsOf(pid);
      assertEquals(own.get(0), "/dev/null");
      assertEquals(own.get(1), own.get(2));
      const reader = childrenOf(boot.pid).find((each) =>
        commandLineOf(each)[0] === "readproctitle"
      )!;
      assertEquals(descriptorsOf(reader).get(0), own.get(1));
      assertEquals(descriptorsOf(reader).get(1), "/dev/null");
      assertEquals(commandLineOf(reader).slice(0, 3), ["readproctitle", "service", "errors:"]);
      const title = await waitFor(() => {
        const text = commandLineOf(reader)[3]!;
        return text.includes("norun") && text;
      }, { what: "the title to tell of norun" });
      assertEquals(title.length, 400);
      assertStringIncludes(title, "file does not exist\n");
      await waitFor(async () => await Deno.readTextFile(`${logged}/log/out`) === "hello\n", {
        what: "the log",
      });
    } finally {
      pids.push(...descendantsOf(boot.pid));
      await stop(boot, pids);
    }
    assertEquals(boot.stdout, "");
    assertStringIncludes(boot.stderr, "norun/run: file does not exist\n");
  },
});

Deno.test({
  name: "svscanboot hands a lock and limits on to svscan and its services",
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    const service = await writeService(dir.join("scan/a"));
    const lock = dir.join("lock");
    // The runtime could not start below this limit of memory.
    const limits = ["-c", "12345", "-d", "300000000"];
    const chain = ["softlimit", ...limits, "svscanboot", dir.join("scan")];
    await using boot = start("setlock", [lock, ...chain], { cwd: dir.path });
    const pids = [boot.pid];
    try {
      await waitForSupervisor(service);
      const pid = await waitForUp(service);
      for (const holder of [boot.pid, pid]) {
        assertEquals([...descriptorsOf(holder).values()].includes(lock), true, `${holder}`);
        const limits = await Deno.readTextFile(`/proc/${holder}/limits`);
        assertStringIncludes(limits, "Max core file size        12345 ");
      }
      const limits = await Deno.readTextFile(`/proc/${pid}/limits`);
      assertStringIncludes(limits, "Max data size             300000000 ");
      await waitFor(
        () => childrenOf(boot.pid).some((each) => commandLineOf(each)[0] === "readproctitle"),
        { what: "the title" },
      );
      assertEquals((await run("setlock", ["-nX", lock, "true"])).code, 111);
    } finally {
      pids.push(...descendantsOf(boot.pid));
      await stop(boot, pids);
    }
    assertEquals(boot.stderr, "");
  },
});

Deno.test({
  name: "svscanboot tells standard error of its end, and of nothing else",
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    const { code, stdout, stderr } = await run("svscanboot", [dir.join("nosuch")]);
    assertEquals([code, stdout], [111, ""]);
    const reason = "file does not exist";
    assertEquals(stderr, `svscan: fatal: unable to chdir to ${dir.join("nosuch")}: ${reason}\n`);
  },
});

Deno.test({
  name: "svscanboot's readproctitle is started again when it was killed, and nobody else ends",
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    const loop = "n=0; while :; do echo $((n+=1)) >&2; echo $n >count; sleep 0.02; done";
    const service = await writeService(dir.join("scan/a"), { run: loop });
    await using boot = start("svscanboot", [dir.join("scan")], { cwd: dir.path });
    const pids = [boot.pid];
    const reader = () =>
      childrenOf(boot.pid).find((each) => commandLineOf(each)[0] === "readproctitle");
    try {
      const first = await waitFor(() => boot.stderr.includes("5\n") && reader(), {
        what: "a readproctitle",
      });
      const pid = await waitForUp(service);
      Deno.kill(first, "SIGKILL");
      const second = await waitFor(() => !isAlive(first) && reader(), { what: "another" });
      const count = Number(await Deno.readTextFile(`${service}/count`));
      await waitFor(() => boot.stderr.includes(`\n${count + 5}\n`), {
        what: "what is complained of meanwhile",
        explain: () => boot.stderr,
      });
      const title = commandLineOf(second)[3]!;
      assertEquals(title.length, 400);
      assertEquals(await waitForUp(service), pid);
    } finally {
      pids.push(...descendantsOf(boot.pid));
      await stop(boot, pids);
    }
    const numbers = boot.stderr.split("\n").filter((line) => /^\d+$/.test(line)).map(Number);
    // In order; what is missing, if anything, is what the killed one had read and not yet copied.
    const missing = numbers.filter((number, index) =>
      index > 0 && number !== numbers[index - 1]! + 1
    );
    assertEquals([numbers[0], missing.length <= 1], [1, true], numbers.join(" "));
    assertEquals(numbers, numbers.toSorted((a, b) => a - b));
  },
});
