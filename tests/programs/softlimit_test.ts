/** softlimit: each option and its values, as the program that is run sees them. */

import { assertEquals } from "@std/assert";
import { canCompare, Comparison } from "../support/chain.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, run, start } from "../support/tools.ts";

const LETTERS = [..."acdflmoprst"];

Deno.test({
  name: "softlimit sets what the C program sets",
  ignore: !canCompare,
  async fn() {
    await using place = await Comparison.open();
    const calls = [
      ...LETTERS.map((letter) => [`-${letter}`, "500000000"]),
      ...LETTERS.map((letter) => [`-${letter}=`]),
      // Both are more than 64 bits hold. What is left of the time must be enough for the probe.
      ["-c", "18446744073709551617", "-t18446744073709551716"],
      ["-o", "30", "-o", "=", "-c", "1", "-c", "2", "-m", "900000000", "-d", "800000000"],
      ["-a900000000", "-c", "", "-p", "99999999", "-r", "1", "-s", "99999", "-t", "77"],
      ["--anything"],
      [],
    ];
    for (const call of calls) {
      const launch = { chain: ["softlimit", ...call] };
      assertEquals(await place.ours(launch), await place.theirs(launch), call.join(" "));
    }
  },
});

Deno.test({
  name: "softlimit works with less than anything needs",
  ignore: !canCompare,
  async fn() {
    await using place = await Comparison.open();
    const options = [["-a", "1000"], ["-m", "1"], ["-d", "0"], ["-s", "0"], ["-o", "0"], [
      "-o",
      "3",
    ]];
    options.push(["-a", "3000000"], ["-f", "0"], ["-l", "0"], ["-t", "1"], ["-p", "1"]);
    for (const option of options) {
      for (const program of ["true", "/bin/true", "/nowhere/true", "nothing-of-that-name"]) {
        const args = [...option, program];
        const [ours, theirs] = await Promise.all(["OURS", "THEM"].map(async (tools) => {
          const ended = await run(`${place.path}/${tools}/softlimit`, args, { cwd: place.path });
          return [ended.code, ended.signal, ended.stderr];
        }));
        assertEquals(ours, theirs, args.join(" "));
      }
    }
  },
});

Deno.test("softlimit refuses a value that is not a number at once", async () => {
  const { code, stderr } = await run("softlimit", ["-c", "1x", "-?", "true"]);
  assertEquals(code, 100);
  assertEquals(stderr.startsWith("softlimit: usage: softlimit [-a allbytes] "), true);
});

Deno.test("softlimit leaves a tight limit to what a program of the suite starts", async () => {
  await using dir = await tempDir();
  const script = "ulimit -c; ulimit -n; exec cat";
  const chain = ["-o", "40", "-c", "0", "setlock", "lock", "fghack", "/bin/sh", "-c", script];
  const { code, stdout } = await run("softlimit", chain, { cwd: dir.path });
  assertEquals([code, stdout], [0, "0\n40\n"]);
});

Deno.test({
  name: "softlimit lets a program of the suite run, whatever the memory",
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    const limits = ["-m", "3000000", "-p", "1", "-o", "7"];
    const chain = [...limits, "readproctitle", "title", "........"];
    await using program = start("softlimit", chain, { cwd: dir.path });
    await program.closeStdin();
    assertEquals((await program.status).code, 0);
  },
});
