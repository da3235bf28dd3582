/**
 * tai64nlocal: labels in local time, in zones with all sorts of changes; the same as the C program
 * wherever that one survives.
 */

import { assertEquals } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { isReference, run } from "../support/tools.ts";

const ORACLE = "/usr/bin/tai64nlocal";

function label(seconds: number, nanoseconds = 123456789): string {
  const tai = (4611686018427387914n + BigInt(seconds)).toString(16);
  return `@${tai.padStart(16, "0")}${nanoseconds.toString(16).padStart(8, "0")}`;
}

Deno.test("tai64nlocal converts a label at the beginning of a line, and copies all else", async () => {
  const input = `${label(935467445)} x\n ${label(0)}\n\nplain\n${label(-1)}\n\0\n`;
  const { stdout, code } = await run("tai64nlocal", [], { stdin: input, env: { TZ: "UTC0" } });
  const expected = "1999-08-24 04:04:05.123456789 x\n" + ` ${label(0)}\n\nplain\n` +
    "1969-12-31 23:59:59.123456789\n\0\n";
  assertEquals([stdout, code], [expected, 0]);
});

Deno.test({
  name: "tai64nlocal copies labels that cannot be shown",
  // The C program crashes.
  ignore: isReference,
  async fn() {
    const input = [
      "@",
      "@x",
      "@40",
      "@4000000037C219BF2EF02E94 upper case",
      "@ffffffffffffffff00000000",
      "@" + "4".repeat(3000),
      "good",
      "",
    ].join("\n");
    const { stdout, code } = await run("tai64nlocal", [], { stdin: input });
    assertEquals([stdout, code], [input, 0]);
  },
});

Deno.test({
  name: "tai64nlocal shows what the C program shows, in any zone, at any change of the clock",
  ignore: !existsSync(ORACLE),
  async fn() {
    const zones = [
      "Europe/Berlin",
      "America/New_York",
      "Australia/Lord_Howe",
      "Asia/Kathmandu",
      "Africa/Monrovia",
      "Pacific/Apia",
      "right/UTC",
      "EST5EDT,M3.2.0/2,M11.1.0/2",
      "<+0330>-3:30:17",
      "",
    ];
    // Every 37 minutes and 7 seconds of some years, and every second around some changes.
    const times: number[] = [];
    for (let time = -2_500_000_000; time < 5_000_000_000; time += 20_011_227) times.push(time);
    for (let time = 1_700_000_000; time < 1_732_000_000; time += 40_627) times.push(time);
    const changes = [
      1711846800,
      1729990800,
      1710054000,
      1730613600,
      1712415600,
      915148800,
      63593070,
    ];
    for (const change of changes) {
      for (let offset = -40; offset < 40; offset++) times.push(change + offset);
    }
    const input = times.map((time) => `${label(time)} text\n`).join("");
    for (const zone of zones) {
      const env = { TZ: zone };
      const ours = await run("tai64nlocal", [], { stdin: input, env });
      const theirs = await run(ORACLE, [], { stdin: input, env });
      assertEquals(ours.stdout.split("\n"), theirs.stdout.split("\n"), zone);
    }
  },
});

Deno.test("tai64nlocal prints years before 0 and beyond 32 bits as the C program does", async () => {
  const stdin = [
    "@3ffffff1868b840a00000000 year 0\n",
    "@3ffffff18497520a00000000 before year 0\n",
    "@40f0c2ab7c54a98900000000 beyond 32 bits\n",
  ].join("");
  const { stdout } = await run("tai64nlocal", [], { stdin, env: { TZ: "UTC" } });
  assertEquals(stdout.split("\n"), [
    "0-01-01 00:00:00.000000000 year 0",
    "18446744073709551614-12-17 14:13:20.000000000 before year 0",
    "18446744071562069867-12-31 23:59:59.000000000 beyond 32 bits",
    "",
  ]);
});

Deno.test("tai64nlocal passes on a line as soon as it comes", async () => {
  const script = 'mkfifo p; "$1" <p >out & exec 9>p; printf "one\\n" >&9; ' +
    'until grep -q one out; do sleep 0.02; done; printf "two\\n" >&9; ' +
    "until grep -q two out; do sleep 0.02; done; exec 9>&-; wait; cat out";
  const dir = await Deno.makeTempDir();
  try {
    const { tool } = await import("../support/tools.ts");
    const { stdout } = await run("/bin/sh", ["-c", script, "sh", tool("tai64nlocal")], {
      cwd: dir,
    });
    assertEquals(stdout, "one\ntwo\n");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
