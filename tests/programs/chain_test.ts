/**
 * What a program sees at the end of a chain: the same as under the C tools, to the byte and the
 * descriptor. Each case runs with both, and what the kernel tells the probe is compared.
 *
 * Not tested: security modules that give a program rights by its name.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ensureDir } from "@std/fs/ensure-dir";
import { existsSync } from "@std/fs/exists";
import { commandLineOf, statusOf } from "../support/processes.ts";
import { canCompare, Comparison, isRoot, type Launch, othersReachTools } from "../support/chain.ts";
import { writeExecutable } from "../support/executable.ts";
import { isReference, run, start, tool } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

const ALL_CHAINS: Readonly<Record<string, readonly string[]>> = {
  envdir: ["envdir", "e"],
  envuidgid: ["envuidgid", "daemon"],
  softlimit: ["softlimit", "-c", "0"],
  setlock: ["setlock", "lock"],
  pgrphack: ["pgrphack"],
  fghack: ["fghack"],
  ...(isRoot ? { setuidgid: ["setuidgid", "daemon"] } : {}),
};

const LONG_CHAIN = [
  "envdir",
  "e",
  "envuidgid",
  "daemon",
  "setlock",
  "lock",
  "softlimit",
  "-o",
  "64",
];
const ROOT_CHAIN = [
  "envdir",
  "e",
  "setuidgid",
  "daemon",
  "pgrphack",
  "softlimit",
  "-m",
  "200000000",
];

const LATIN = Uint8Array.of(0x58, 0x3d, 0xe9, 0xff, 0x0a, 0x20);

const STATES: Readonly<Record<string, Omit<Launch, "chain">>> = {
  "an ordinary state": {},
  "odd descriptors": {
    setup: `at(0, "in"); at(1, "o", 0x441); at(2, "/dev/null", 1); at(5, "in"); same(1, 7);
      at(40, "in", 2); at(4, "/", 0)`,
  },
  "descriptors where the runtime's would be": {
    setup: `at(0, "/dev/null"); at(9, "/dev/null"); same(0, 10); at(11, "in"); same(0, 12)`,
  },
  "one file as input, output and errors": {
    setup: `at(0, "in", 2); same(0, 1); same(0, 2)`,
  },
  "copies of standard input and output": {
    setup: `at(0, "in"); same(0, 3); same(0, 4); same(0, 30); same(1, 31)`,
  },
  "many descriptors": { setup: `at($_, "in") for 20 .. 60` },
  "signals ignored and blocked": {
    setup: `ignore(qw(HUP INT QUIT TERM ALRM USR1 USR2 CHLD WINCH TTOU XFSZ));
      block(POSIX::SIGTERM(), POSIX::SIGUSR1(), POSIX::SIGALRM(), POSIX::SIGCHLD())`,
  },
  "an umask, a nice value, a session": {
    setup: `umask 0027; POSIX::nice(3); POSIX::setsid()`,
  },
  "an empty environment": { environment: [] },
  "an environment that is odd": {
    environment: [
      "PATH=@PATH@",
      "A=first",
      LATIN,
      "NOEQUALS",
      "A=second",
      "=empty name",
      "N=line\nline\n",
      "PATH=/nowhere",
      "UID=7",
      "",
      "GID=8",
      "Z=last",
    ],
  },
  "arguments that are odd": {
    args: ["", " ", "a\nb", "é", "--", "=", "-x", "'\"\\$`"],
  },
  "files for envdir": {
    files: {
      "A": "from file \t\nsecond line\n",
      "NEW": Uint8Array.of(0xff, 0, 0x41, 0x20, 0, 0x20, 0x0a),
      "EMPTY": "",
      "BLANK": "\n",
      "EQ=AL": "v",
      "GONE=here": "",
      ".hidden": "x",
      "BIG": "x".repeat(100_000),
    },
  },
};

function test(name: string, fn: (place: Comparison) => Promise<void>, ignore = false): void {
  Deno.test({
    name,
    ignore: ignore || !canCompare,
    async fn() {
      await using place = await Comparison.open();
      await fn(place);
    },
  });
}

async function assertSame(place: Comparison, launch: Launch): Promise<void> {
  const theirs = await place.theirs(launch);
  const ours = await place.ours(launch);
  assert(theirs.probe !== "", `the C tools ran no probe: ${theirs.stderr}`);
  assertEquals(ours, theirs);
}

/** The same exit code and messages, whether the probe ran or not, and the same probe if it did. */
async function assertSameEnd(place: Comparison, launch: Launch): Promise<string> {
  const theirs = await place.theirs(launch);
  assertEquals(await place.ours(launch), theirs);
  return theirs.stderr;
}

for (const [state, launch] of Object.entries(STATES)) {
  test(`chain leaves ${state} as the C tools leave it`, async (place) => {
    // The probe's own PATH matters as little as the tools' may: everything has a slash.
    for (const chain of Object.values(ALL_CHAINS)) await assertSame(place, { ...launch, chain });
    if (launch.environment?.length === 0) return;
    await assertSame(place, { ...launch, chain: LONG_CHAIN });
    if (isRoot) await assertSame(place, { ...launch, chain: ROOT_CHAIN });
  });
}

test("chain searches PATH as the C tools do", async (place) => {
  const { path } = place;
  await Deno.mkdir(`${path}/unreadable`, { mode: 0o000 });
  await ensureDir(`${path}/holder/thing`);
  await Deno.writeTextFile(`${path}/plain`, "not a directory");
  await writeExecutable(`${path}/script`, "no first line");
  await writeExecutable(`${path}/thing`, "#!/bin/sh\necho here\n");
  await Deno.symlink("loop", `${path}/loop`);
  const paths = [
    undefined,
    "",
    ":",
    "/nowhere:",
    "/nowhere::/else",
    `${path}/holder:.`,
    `${path}/plain:.`,
    `${path}/unreadable:.`,
    `${path}/loop:.`,
    `${path}/${"x".repeat(300)}:.`,
  ];
  for (const search of paths) {
    for (const name of ["thing", "script", "", "true"]) {
      await assertSameEnd(place, {
        chain: ["pgrphack", name, "x"],
        environment: search === undefined ? ["A=b"] : [`PATH=${search}`, "PATH=@PATH@"],
      });
    }
  }
  for (const name of ["./thing", "e", "./e", "/", "loop/x", "./plain", "./script"]) {
    await assertSameEnd(place, { chain: ["softlimit", name] });
  }
  // So that an ordinary user can remove it.
  await Deno.chmod(`${path}/unreadable`, 0o700);
});

test("chain searches the PATH that it was given, not the one that it makes", async (place) => {
  const files = { PATH: "/elsewhere" };
  await assertSame(place, { chain: ["envdir", "e"], files });
  const said = await assertSameEnd(place, { chain: ["envdir", "e", "pgrphack", "true"], files });
  assertEquals(said, "pgrphack: fatal: unable to run true: file does not exist\n");
});

test("chain tells of too much environment in the words of execve", async (place) => {
  const files = { MUCH: "x".repeat(1_000_000) };
  const tools = ["envdir", "e", "pgrphack"];
  const said = await assertSameEnd(place, { chain: tools, files });
  assertEquals(said, "envdir: fatal: unable to run pgrphack: argument list too long\n");
});

test("chain gives up all rights but those of the account", async (place) => {
  const launch = {
    chain: ["setuidgid", "daemon"],
    setup: `$) = "0 4 24 27"`,
  };
  await assertSame(place, launch);
  const { probe } = await place.ours(launch);
  assertStringIncludes(probe, "Uid:\t1\t1\t1\t1\n");
  assertStringIncludes(probe, "Groups:\t1 \n");
  assertStringIncludes(probe, "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n");
}, !isRoot);

test("chain looks for the program with the account's rights", async (place) => {
  await Deno.mkdir(`${place.path}/private`, { mode: 0o700 });
  await writeExecutable(`${place.path}/private/thing`, "#!/bin/sh\n");
  const environment = [`PATH=${place.path}/private:/nowhere`];
  const said = await assertSameEnd(place, { chain: ["setuidgid", "daemon", "thing"], environment });
  assertEquals(said, "setuidgid: fatal: unable to run thing: access denied\n");
}, !isRoot);

test("chain of an ordinary user changes no user", async (place) => {
  const setup = "POSIX::setgid(2); $) = '2 2'; POSIX::setuid(2)";
  await Deno.writeTextFile(`${place.path}/lock`, "");
  await Deno.chmod(`${place.path}/lock`, 0o666);
  for (const account of ["daemon", "bin", "root", "nobody-at-all"]) {
    const said = await assertSameEnd(place, { chain: ["setuidgid", account], setup });
    assertStringIncludes(
      said,
      account === "nobody-at-all" ? "unknown account" : "unable to setgid",
    );
  }
  for (const name of ["envdir", "envuidgid", "softlimit", "setlock", "pgrphack", "fghack"]) {
    await assertSame(place, { chain: ALL_CHAINS[name]!, setup });
  }
  await assertSame(place, { chain: LONG_CHAIN, setup });
}, !othersReachTools);

test("chain keeps an account's limit of processes free of the runtime's threads", async (place) => {
  // The account has no process; the program is its first, whatever we consist of.
  await assertSame(place, { chain: ["softlimit", "-p", "1", "setuidgid", "games"] });
  await assertSame(place, { chain: ["setuidgid", "games", "softlimit", "-p", "1"] });
}, !isRoot);

test("chain that was called wrongly says so", async (place) => {
  const wrong = [
    ["setuidgid", "", "x"],
    ["setuidgid", "no such account", "x"],
    ["setuidgid", "1", "x"],
    ["envuidgid"],
    ["envuidgid", "daemon"],
    ["envuidgid", "no such account", "x"],
    ["envdir"],
    ["envdir", "e"],
    ["envdir", "nowhere", "x"],
    ["envdir", "in", "x"],
    ["softlimit"],
    ["softlimit", "-a", "x", "-Z", "x"],
    ["softlimit", "-Z", "x"],
    ["softlimit", "-o"],
    ["softlimit", "-o", "-1", "x"],
    ["softlimit", "-o==", "x"],
    ["setlock"],
    ["setlock", "lock"],
    ["setlock", "-z", "lock", "x"],
    ["setlock", "nowhere/lock", "x"],
    ["setlock", "-x", "nowhere/lock", "x"],
    ["pgrphack"],
    ["fghack"],
  ];
  const tools = `${place.path}/`;
  for (const [name, ...args] of wrong) {
    const ends = [];
    for (const variant of ["OURS", "THEM"]) {
      const { code, stdout, stderr } = await run(`${tools}${variant}/${name}`, args, {
        cwd: place.path,
      });
      ends.push({ code, stdout, stderr });
    }
    assertEquals(ends[0], ends[1], `${name} ${args.join(" ")}`);
  }
});

/** What others see of a process that is a program of the suite. */
async function seen(pid: number, name: string): Promise<Record<string, unknown>> {
  await waitFor(() => commandLineOf(pid)[0] === name, { what: `${pid} to be ${name}` });
  const status = statusOf(pid);
  const fields = ["Name", "Umask", "Uid", "Gid", "Groups", "CapPrm", "CapEff", "NoNewPrivs"];
  const limits = (await Deno.readTextFile(`/proc/${pid}/limits`)).split("\n");
  return {
    commandLine: commandLineOf(pid),
    environment: (await Deno.readTextFile(`/proc/${pid}/environ`)).split("\0"),
    directory: await Deno.readLink(`/proc/${pid}/cwd`),
    status: fields.map((field) => status.get(field)),
    limits: limits.filter((line) => /open files|core file|cpu time|file size/.test(line)),
    owner: (await Deno.lstat(`/proc/${pid}/environ`)).uid,
  };
}

test("chain that goes on in one process looks like one that executes", async (place) => {
  const chain = [
    ...["envdir", "e", ...isRoot ? ["setuidgid", "daemon"] : [], "softlimit", "-o", "64"],
    ...["-c", "0", "-m", "30000000", "setlock", "lock", "readproctitle", "a title", "........"],
  ];
  await Deno.writeTextFile(`${place.path}/e/NEW`, "v");
  const looks = [];
  // A time zone makes ours execute each program anew.
  for (const [tools, zone] of [["THEM", ""], ["OURS", ""], ["OURS", "UTC"]] as const) {
    await Deno.writeTextFile(`${place.path}/e/TZ`, zone);
    const [first = "", ...rest] = chain;
    const env = { PATH: `${place.path}/${tools}:/usr/bin:/bin`, B: "c" };
    const options = { cwd: place.path, env, clearEnv: true };
    await using program = start(`${place.path}/${tools}/${first}`, rest, options);
    const look = await seen(program.pid, "readproctitle");
    looks.push(
      JSON.stringify(look).replaceAll(/OURS|THEM/g, "TOOLS").replace('"TZ=UTC",', "")
        .replace(/(DAEMONTOOLS_TEST_RUN=)[^"]*/, "$1"),
    );
    await program.closeStdin();
    assertEquals((await program.status).code, 0);
  }
  assertEquals(looks[1], looks[0]);
  assertEquals(looks[2], looks[0]);
});

test("chain starts the runtime once", async (place) => {
  const trace = `${place.path}/trace`;
  const args = ["-f", "-e", "trace=execve", "-o", trace, tool("envdir"), "e", "envuidgid", "root"];
  const { code } = await run("/usr/bin/strace", [...args, "setlock", "lock", "true"], {
    cwd: place.path,
  });
  assertEquals(code, 0);
  // The line of an execve that succeeded may be in two parts, as other threads end meanwhile.
  const lines = (await Deno.readTextFile(trace)).split("\n").filter((line) => !/ = -1 /.test(line));
  const paths = lines.map((line) => /execve\("([^"]*)"/.exec(line)?.[1] ?? "");
  const names = paths.map((path) => path.slice(path.lastIndexOf("/") + 1)).filter(Boolean);
  assertEquals(
    names,
    isReference ? ["envdir", "envuidgid", "setlock", "true"] : ["envdir", "true"],
  );
}, !existsSync("/usr/bin/strace"));
