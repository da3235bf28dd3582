/**
 * Where a program at the end of a chain sees something else than under the C tools: what the
 * runtime does before any code of ours runs, and what we do better. daemontools-differences(7)
 * lists these.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { canCompare, Comparison, type Launch, othersReachTools } from "../support/chain.ts";
import { isReference, run, tool } from "../support/tools.ts";

function test(name: string, fn: (place: Comparison) => Promise<void>): void {
  Deno.test({
    name,
    ignore: isReference || !canCompare,
    async fn() {
      await using place = await Comparison.open();
      await fn(place);
    },
  });
}

/** What the probe saw of one descriptor: its file and its flags. */
function descriptor(probe: string, fd: number): string | undefined {
  const [, file, flags] = new RegExp(`^descriptor ${fd}: (.*)\npos:.*\nflags:\t(.*)`, "m")
    .exec(probe) ?? [];
  return file && `${file} ${flags}`;
}

async function probeOf(place: Comparison, launch: Launch): Promise<string> {
  const { probe } = await place.ours(launch);
  assert(probe !== "");
  return probe;
}

test("chain puts /dev/null where input, output or errors are closed", async (place) => {
  for (const fd of [0, 1, 2]) {
    const probe = await probeOf(place, { chain: ["pgrphack"], setup: `gone(${fd})` });
    assertEquals(descriptor(probe, fd), "/dev/null 0100002");
  }
});

test("setlock keeps the lock out of standard input, output and errors", async (place) => {
  const launch = { chain: ["setlock", "lock"], setup: "gone(0, 1, 2)" };
  const probe = await probeOf(place, launch);
  assertEquals(descriptor(probe, 3), `${place.path}/lock 0106001`);
  assertEquals(descriptor((await place.theirs(launch)).probe, 0), `${place.path}/lock 0106001`);
});

test("chain has SIGPIPE end a program, whatever the caller did about it", async (place) => {
  const launch = { chain: ["pgrphack"], setup: 'ignore("PIPE")' };
  const ignored = (probe: string): boolean =>
    (BigInt(`0x${/^SigIgn:\s*(\S+)/m.exec(probe)?.[1]}`) & (1n << 12n)) !== 0n;
  assertEquals(ignored(await probeOf(place, launch)), false);
  assertEquals(ignored((await place.theirs(launch)).probe), true);
});

test("chain does not start with an argument that is not UTF-8", async (place) => {
  // No test can pass such an argument directly either: a shell makes it.
  const script = `"$1" /bin/echo "$(printf '\\377')"; echo "exit code $?"`;
  const { stdout, stderr } = await run("/bin/sh", ["-c", script, "sh", tool("pgrphack")], {
    cwd: place.path,
  });
  assertEquals(stdout, "exit code 101\n");
  assertStringIncludes(stderr, "panicked");
});

test("chain does not start where the runtime cannot: no working directory, an odd TMPDIR", async (place) => {
  const script = `mkdir gone && cd gone && rmdir ../gone && "$1" true; echo "exit code $?"
    cd "$2" && TMPDIR=relative "$1" true; echo "exit code $?"`;
  const args = ["-c", script, "sh", tool("pgrphack"), place.path];
  const { stdout } = await run("/bin/sh", args, { cwd: place.path });
  assertEquals(stdout, "exit code 101\nexit code 1\n");
});

test("chain starts with most variables of the runtime, and not with three that it cannot read", async (place) => {
  const exitCode = async (name: string, value: string): Promise<number> => {
    const options = { cwd: place.path, env: { [name]: value } };
    return (await run("pgrphack", ["true"], options)).code;
  };
  for (const name of ["EVENT_INTERVAL", "GLOBAL_QUEUE_INTERVAL", "MAX_IO_EVENTS_PER_TICK"]) {
    assertEquals(await exitCode(`DENO_TOKIO_${name}`, "soon"), 101);
    assertEquals(await exitCode(`DENO_TOKIO_${name}`, "61"), 0);
  }
  for (const name of ["DENO_DIR", "DENO_V8_FLAGS", "NODE_OPTIONS", "RUST_MIN_STACK", "OTEL_DENO"]) {
    assertEquals(await exitCode(name, "soon"), 0);
  }
});

test("chain of no arguments, not even a name, explains itself", async (place) => {
  const script =
    'my ($p, $v, $e) = ("$ARGV[0]\\0", pack("Q", 0), pack("Q", 0)); syscall(59, $p, $v, $e);';
  const { code, stderr } = await run("/usr/bin/perl", ["-e", script, tool("pgrphack")], {
    cwd: place.path,
  });
  assertEquals(code, 100);
  assertStringIncludes(stderr, "usage: daemontools");
});

test("envdir removes the variable of a dangling link, whatever it read before", async (place) => {
  await Deno.writeTextFile(`${place.path}/e/A`, "value");
  for (const name of ["B", "C", "D"]) await Deno.symlink("/nowhere/x", `${place.path}/e/${name}`);
  const launch = { chain: ["envdir", "e"], environment: ["B=1", "C=2", "D=3", "E=4"] };
  const probe = await probeOf(place, launch);
  assertEquals(/^environ: (.*)$/m.exec(probe)?.[1], "E=4\0A=value\0");
});

test("envdir needs no right to read the working directory", async (place) => {
  await Deno.chmod(place.path, 0o711);
  const setup = "POSIX::setgid(2); $) = '2 2'; POSIX::setuid(2)";
  const launch = { chain: ["envdir", "e", "/bin/echo", "runs"], setup };
  if (othersReachTools) {
    assertEquals((await place.ours(launch)).stdout.slice(0, 5), "runs ");
    assertStringIncludes((await place.theirs(launch)).stderr, "current directory");
  }
});

test("softlimit gives memory limits to the program, not to ours before it", async (place) => {
  const args = ["-a", "1000", "setlock", "lock", "/bin/true"];
  const ours = await run(`${place.path}/OURS/softlimit`, args, { cwd: place.path });
  assertEquals(ours.stderr, "");
  assert(ours.code >= 128);
});
