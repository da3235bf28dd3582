/** What the manual pages of the tools tell to paste, pasted on a machine of its own. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ensureDir } from "@std/fs/ensure-dir";
import { existsSync } from "@std/fs/exists";
import { PROGRAMS } from "../../src/suite/registry.ts";
import {
  hasMachines,
  layOutRelease,
  makeMachine,
  runOnMachine,
  SYSTEMD_FILES,
} from "../support/machine.ts";
import { examplesOf, readManual, sectionsOf, unhurried, verbPages } from "../support/manual.ts";
import { writeService } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, ROOT } from "../support/tools.ts";

Deno.test({
  name: "the examples of the manual pages work as they are pasted",
  ignore: isReference || !hasMachines || !existsSync("/usr/bin/ps"),
  fn: async () => {
    await using machine = await tempDir();
    await makeMachine(machine.path, SYSTEMD_FILES);
    await layOutRelease(machine.join("release"), `${ROOT}/build/daemontools`);
    await writeService(machine.join("srv/web"), { logRun: "exec multilog t ./main" });
    const steps = [];
    for (const name of ["daemontools", ...Object.keys(PROGRAMS), ...await verbPages()]) {
      const examples = examplesOf(sectionsOf(await readManual(name)).get("EXAMPLES") ?? "");
      for (const [index, example] of examples.entries()) {
        const file = `examples/${name}-${index}`;
        await ensureDir(machine.join(file));
        await Deno.chmod(machine.join(file), 0o777);
        await Deno.writeTextFile(machine.join(`${file}/script`), unhurried(example));
        // What follows a file never ends; that is what it is for.
        const wanted = example.includes("tail -F") ? 124 : 0;
        steps.push(`cd /${file}; code=0
timeout ${wanted === 124 ? 2 : 60} sh -eu ./script </dev/null >out 2>&1 || code=$?
[ $code -eq ${wanted} ] || { echo "${name} ${index}: exit code $code"; cat out; }`);
      }
    }
    const script = `sh /release/install.sh >/dev/null
ln -s /srv/web /service/web
until svok /service/web && [ -f /srv/web/log/main/current ]; do sleep 0.1; done
${steps.join("\n")}`;
    const { code, stdout, stderr } = await runOnMachine(machine.path, script);
    assertEquals([code, stdout, stderr], [0, "", ""]);
    const output = (name: string): Promise<string> =>
      Deno.readTextFile(machine.join(`examples/${name}/out`));
    assertStringIncludes(await output("envdir-0"), "port 8080, language not set\n");
    assertStringIncludes(await output("setlock-0"), "done\n");
    assert(!(await output("setlock-0")).includes("never seen"));
    assertEquals(
      await output("tai64nlocal-0"),
      "1999-08-24 04:03:43.787492500 mark\n"
        .replace("1999-08-24 04:03:43.787492500", "1999-08-24 04:04:05.787492500"),
    );
    assertMatch(await output("softlimit-0"), /^64\n0\n$/);
    assertStringIncludes(await output("readproctitle-0"), "nobody is at home");
    assertMatch(await output("svscan-0"), /^tree\/clock: up \(pid \d+\) \d+ seconds$/m);
  },
});
