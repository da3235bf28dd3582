/**
 * supervise, on real processes.
 *
 * Not tested: a failing fork, a full disk (both in tests/engine).
 */

import { assert, assertEquals } from "@std/assert";
import { ensureDirSync } from "@std/fs/ensure-dir";
import { descriptorsOf, isAlive, processInfo, statusOf } from "../support/processes.ts";
import {
  readServiceStatus,
  svstat,
  waitForDown,
  waitForSupervisor,
  waitForUp,
  writeScript,
  writeService,
} from "../support/service.ts";
import { namesIn, tempDir } from "../support/temp.ts";
import { isReference, run, start, type Started, startWithClean } from "../support/tools.ts";
import { pause, waitFor } from "../support/wait.ts";

/** Runs each letter through svc. */
async function control(letters: string, path: string): Promise<void> {
  const { stderr, code } = await run("svc", [`-${letters}`, path]);
  assertEquals([stderr, code], ["", 0]);
}

/** Tells a supervise to leave with its service, and waits for its exit code. */
async function leave(supervise: Started, path: string): Promise<number> {
  await control("dx", path);
  return (await supervise.status).code;
}

/** How often a service that writes a line to `starts` was started. */
async function startsOf(path: string): Promise<number> {
  const text = await Deno.readTextFile(`${path}/starts`).catch(() => "");
  return text.split("\n").length - 1;
}

/** What only we keep beside the files that every daemontools has. */
const OURS = ["history", "process"];

/** The files that every daemontools has in a `supervise` directory. */
function filesOf(path: string): string[] {
  // What is being written has another name for a moment.
  return namesIn(path).filter((name) => !OURS.includes(name) && !name.endsWith(".new"));
}

const COUNTER = "echo $$ >>starts\nexec sleep 1000000";

Deno.test("supervise makes lock, control, ok and status with their modes", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"));
  await using supervise = start("supervise", ["s"], { cwd: dir.path });
  await waitForUp(service);
  const modes = Object.fromEntries(
    filesOf(`${service}/supervise`).map((name) => {
      const { mode, isFifo, size } = Deno.lstatSync(`${service}/supervise/${name}`);
      return [name, [(mode! & 0o7777).toString(8), isFifo, size]];
    }),
  );
  assertEquals(modes, {
    lock: ["600", false, 0],
    control: ["600", true, 0],
    ok: ["600", true, 0],
    status: ["644", false, 18],
  });
  assertEquals((Deno.statSync(`${service}/supervise`).mode! & 0o7777).toString(8), "700");
  assertEquals(await leave(supervise, service), 0);
});

Deno.test("supervise gives a service its descriptors and none of its own", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"));
  // Descriptor 7 is the caller's; it must get through, and nothing else may.
  const prepare = `exec 7</dev/zero; ulimit -Sn 200`;
  await using supervise = startWithClean(`${prepare}; exec supervise "$1"`, service);
  const pid = await waitForUp(service);
  // It reads its script and libraries first.
  await waitFor(
    () => processInfo(pid)?.name === "sleep" && [...descriptorsOf(pid).keys()].join() === "0,1,2,7",
    {
      what: "the service to be sleep, with 0, 1, 2 and 7 open",
      explain: () => [...descriptorsOf(pid)].join("\n"),
    },
  );
  assertEquals(descriptorsOf(pid).get(7), "/dev/zero");
  const limits = await Deno.readTextFile(`/proc/${pid}/limits`);
  assert(/Max open files\s+200\s/.test(limits), limits);
  const status = statusOf(pid);
  // The upper half is about real-time signals, which whoever runs the tests may ignore.
  assertEquals(parseInt(status.get("SigIgn")!.slice(8), 16) & 0x7fffffff, 0);
  assertEquals(status.get("SigBlk"), "0000000000000000");
  assertEquals(processInfo(pid)!.parentPid, supervise.pid);
  assertEquals(processInfo(pid)!.groupId, processInfo(supervise.pid)!.groupId);
  await leave(supervise, service);
});

Deno.test("supervise changes into the service directory, and stays in it when it is renamed", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"));
  await using supervise = start("supervise", ["s"], { cwd: dir.path });
  const first = await waitForUp(service);
  assertEquals(Deno.readLinkSync(`/proc/${supervise.pid}/cwd`), service);
  await Deno.rename(service, dir.join("t"));
  Deno.kill(first, "SIGKILL");
  const second = await waitForUp(dir.join("t"), first);
  assertEquals(Deno.readLinkSync(`/proc/${second}/cwd`), dir.join("t"));
  await leave(supervise, dir.join("t"));
});

Deno.test("supervise restarts a service that is killed", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"), { run: COUNTER });
  await using supervise = start("supervise", [service]);
  const first = await waitForUp(service);
  Deno.kill(first, "SIGKILL");
  const second = await waitForUp(service, first);
  assert(!isAlive(first) && second !== first);
  assertEquals(await svstat(service), "up (pid PID) SECONDS seconds");
  assertEquals(await leave(supervise, service), 0);
});

Deno.test("supervise leaves a second between the starts of a service that fails", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"), {
    run: "date +%s%N >>times\nexit 1",
  });
  await using supervise = start("supervise", [service]);
  let gaps: number[] = [];
  // Where a process is late to run, the next one seems early.
  await waitFor(async () => {
    const lines = (await Deno.readTextFile(`${service}/times`)).trim().split("\n");
    const times = lines.map((line) => Number(line) / 1e6);
    gaps = times.slice(1).map((time, index) => time - times[index]!);
    return gaps.length >= 3 && gaps.slice(-3).every((gap) => gap > 900);
  }, { what: "starts that are a second apart", explain: () => `gaps of ${gaps} ms` });
  await leave(supervise, service);
});

Deno.test("supervise carries out a command in the second after a start", {
  // The C program waits that second.
  ignore: isReference,
}, async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"), { run: "echo >>starts\nexit 1" });
  await using supervise = start("supervise", [service]);
  await waitFor(async () => await startsOf(service) >= 1, { what: "a start" });
  await control("d", service);
  await waitFor(async () => {
    const { want, pid } = await readServiceStatus(service);
    return want === "d" && pid === 0;
  }, { what: "down" });
  const starts = await startsOf(service);
  await pause(1500);
  assertEquals(await startsOf(service), starts);
  assertEquals(await leave(supervise, service), 0);
});

Deno.test("supervise obeys p and c", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"));
  await using supervise = start("supervise", [service]);
  const pid = await waitForUp(service);
  await control("p", service);
  await waitFor(() => processInfo(pid)?.state === "T", { what: "the service to stop" });
  const says = (words: string) =>
    waitFor(async () => await svstat(service) === words, { what: `svstat to say ${words}` });
  await says("up (pid PID) SECONDS seconds, paused");
  await control("c", service);
  await waitFor(() => processInfo(pid)?.state === "S", { what: "the service to go on" });
  await says("up (pid PID) SECONDS seconds");
  await leave(supervise, service);
});

Deno.test("supervise sends each signal that svc knows", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"), {
    run: `for s in HUP INT ALRM TERM CONT; do trap "echo $s >>got" $s; done
: >ready
while :; do sleep 0.05; done`,
  });
  await using supervise = start("supervise", [service]);
  await waitFor(() => Deno.statSync(`${service}/ready`).isFile, { what: "traps" });
  let expected = "";
  for (
    const [letter, name] of Object.entries({ h: "HUP", i: "INT", a: "ALRM", t: "TERM", c: "CONT" })
  ) {
    await control(letter, service);
    expected += `${name}\n`;
    await waitFor(async () => await Deno.readTextFile(`${service}/got`) === expected, {
      what: name,
    });
  }
  await control("d", service);
  await waitFor(
    async () => (await Deno.readTextFile(`${service}/got`)).length >= expected.length + 10,
    {
      what: "TERM and CONT",
    },
  );
  assertEquals(
    (await Deno.readTextFile(`${service}/got`)).slice(expected.length).trim().split("\n").sort(),
    ["CONT", "TERM"],
  );
  const { pid } = await readServiceStatus(service);
  await control("k", service);
  await waitForDown(service);
  assert(!isAlive(pid));
  await leave(supervise, service);
});

Deno.test("supervise runs a service once after o", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"), { run: COUNTER, down: true });
  await using supervise = start("supervise", [service]);
  await waitForSupervisor(service);
  assertEquals(await svstat(service), "down SECONDS seconds");
  await control("o", service);
  const pid = await waitForUp(service);
  assertEquals((await readServiceStatus(service)).want, "");
  await waitFor(async () => await startsOf(service) === 1, { what: "a start" });
  Deno.kill(pid, "SIGKILL");
  await waitForDown(service);
  await pause(1300);
  assertEquals(await startsOf(service), 1);
  await leave(supervise, service);
});

Deno.test("supervise told x leaves when its service has ended, with exit code 0", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"));
  await using supervise = start("supervise", [service]);
  const pid = await waitForUp(service);
  await control("x", service);
  // Longer than the C program is deaf after a start.
  await pause(1200);
  assert(!supervise.ended);
  Deno.kill(pid, "SIGKILL");
  assertEquals((await supervise.status).code, 0);
  assertEquals((await run("svok", [service])).code, 100);
  assertEquals(await svstat(service), "supervise not running");
});

Deno.test("supervise tells of a run that cannot be executed, and tries again", async () => {
  await using dir = await tempDir();
  const cases: [name: string, make: (path: string) => void, reason: string][] = [
    ["missing", () => {}, "file does not exist"],
    ["directory", (path) => Deno.mkdirSync(path), "access denied"],
    [
      "not-executable",
      (path) => Deno.writeTextFileSync(path, "#!/bin/sh\n", { mode: 0o644 }),
      "access denied",
    ],
    [
      "no-hash-bang",
      (path) => Deno.writeTextFileSync(path, "echo hi\n", { mode: 0o755 }),
      "exec format error",
    ],
    [
      "bad-interpreter",
      (path) => Deno.writeTextFileSync(path, "#!/no/such/interpreter\n", { mode: 0o755 }),
      `${isReference ? "" : "no interpreter /no/such/interpreter: "}file does not exist`,
    ],
    [
      "written-on-windows",
      (path) => Deno.writeTextFileSync(path, "#!/bin/sh\r\necho\r\n", { mode: 0o755 }),
      `${
        isReference ? "" : "no interpreter /bin/sh\\r (line 1 ends in a carriage return): "
      }file does not exist`,
    ],
  ];
  for (const [name, make, reason] of cases) {
    Deno.mkdirSync(dir.join(name));
    make(dir.join(`${name}/run`));
    await using supervise = start("supervise", [name], { cwd: dir.path });
    const line = `supervise: fatal: unable to start ${name}/run: ${reason}\n`;
    await waitFor(() => supervise.stderr.includes(line + line), {
      what: `two complaints about ${name}`,
      explain: () => supervise.stderr,
    });
    await Deno.remove(dir.join(`${name}/run`), { recursive: true }).catch(() => {});
    await writeScript(dir.join(`${name}/run`), "exec sleep 1000000");
    await waitFor(
      async () => processInfo((await readServiceStatus(dir.join(name))).pid)?.name === "sleep",
      {
        what: "the mended service to run",
      },
    );
    assertEquals(await leave(supervise, dir.join(name)), 0);
  }
});

Deno.test("supervise refuses a directory that it cannot take", async () => {
  await using dir = await tempDir();
  const at = (name: string) => dir.join(name);
  Deno.writeTextFileSync(at("plain"), "");
  for (const name of ["f1", "f2/supervise/lock", "f3/supervise/control", "f4", "f5"]) {
    ensureDirSync(at(name));
  }
  Deno.writeTextFileSync(at("f1/supervise"), "");
  Deno.symlinkSync("down", at("f4/down"));
  Deno.symlinkSync("supervise", at("f5/supervise"));
  for (
    const [name, message] of [
      ["nosuch", "unable to chdir to nosuch: file does not exist"],
      ["", "unable to chdir to : file does not exist"],
      ["plain", "unable to chdir to plain: not a directory"],
      ["f1", "unable to acquire f1/supervise/lock: not a directory"],
      ["f2", "unable to acquire f2/supervise/lock: is a directory"],
      ["f3", "unable to write f3/supervise/control: is a directory"],
      ["f4", "unable to stat f4/down: symbolic link loop"],
      ["f5", "unable to acquire f5/supervise/lock: symbolic link loop"],
    ] as const
  ) {
    const { code, stderr } = await run("supervise", [name], { cwd: dir.path });
    assertEquals([code, stderr], [111, `supervise: fatal: ${message}\n`]);
  }
});

Deno.test("supervise refuses a control that is no FIFO and leaves it alone", {
  // The C program reads its bytes as commands, then spins.
  ignore: isReference,
}, async () => {
  await using dir = await tempDir();
  await writeService(dir.join("s"), { files: { "supervise/control": "d" } });
  const { code, stderr } = await run("supervise", ["s"], { cwd: dir.path });
  assertEquals([code, stderr], [
    111,
    "supervise: fatal: s/supervise/control is not a FIFO; remove it, and it is made anew\n",
  ]);
  assertEquals(await Deno.readTextFile(dir.join("s/supervise/control")), "d");
});

Deno.test("supervise holds a lock against a second one", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"));
  await using supervise = start("supervise", ["s"], { cwd: dir.path });
  const pid = await waitForUp(service);
  const { code, stderr } = await run("supervise", ["s"], { cwd: dir.path });
  assertEquals([code, stderr], [
    111,
    "supervise: fatal: unable to acquire s/supervise/lock: temporary failure\n",
  ]);
  assertEquals((await readServiceStatus(service)).pid, pid);
  await leave(supervise, service);
});

Deno.test("supervise makes the target of a dangling link named supervise", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"), { down: true });
  Deno.symlinkSync("../state", `${service}/supervise`);
  await using supervise = start("supervise", [service]);
  await waitForSupervisor(service);
  assertEquals(filesOf(dir.join("state")), [
    "control",
    "lock",
    "ok",
    "status",
  ]);
  await leave(supervise, service);
});

Deno.test("supervise keeps a service when status cannot be written", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"), { files: { "supervise/status.new/x": "" } });
  await using supervise = start("supervise", ["s"], { cwd: dir.path });
  await supervise.waitForOutput(
    "supervise: warning: unable to open s/supervise/status.new: is a directory\n",
  );
  await control("dx", service);
  assertEquals((await supervise.status).code, 0);
});

Deno.test("supervise ends its service on SIGTERM and SIGINT, and exits 0", {
  // The C program dies and leaves the service running.
  ignore: isReference,
}, async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    await using dir = await tempDir();
    const service = await writeService(dir.join("s"));
    await using supervise = start("supervise", [service]);
    const pid = await waitForUp(service);
    await control("p", service);
    supervise.kill(signal);
    assertEquals((await supervise.status).code, 0);
    assert(!isAlive(pid));
  }
});

Deno.test("supervise wants exactly one argument", async () => {
  for (const args of [[], ["a", "b"]]) {
    const { code, stderr, stdout } = await run("supervise", args);
    assertEquals([code, stderr, stdout], [100, "supervise: usage: supervise dir\n", ""]);
  }
});
