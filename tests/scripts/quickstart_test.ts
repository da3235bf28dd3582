/** scripts/quickstart.sh, where paths are such as no shell likes. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { ensureDir } from "@std/fs/ensure-dir";
import { tempDir } from "../support/temp.ts";
import { isReference, ROOT, run } from "../support/tools.ts";

const NAMES = ["deno.json", "main.ts", "scripts", "src"];

Deno.test({
  name: "quickstart.sh shows a service at work in a path with a blank, a dollar and a quote",
  ignore: isReference,
  fn: async () => {
    await using dir = await tempDir();
    const checkout = dir.join("it's a $HOME");
    await ensureDir(`${checkout}/build`);
    for (const name of [...NAMES, "build/daemontools"]) {
      await Deno.symlink(`${ROOT}/${name}`, `${checkout}/${name}`);
    }
    // Sources that are older than the executable are not compiled again.
    const sources = NAMES.map((name) => `${checkout}/${name}`);
    await run("/usr/bin/touch", ["-h", "-d", "2001-01-01", ...sources]);
    const toolchain = Deno.env.get("DAEMONTOOLS_TOOLCHAIN") ?? `${ROOT}/build/toolchain`;
    const { code, stdout, stderr } = await run("/bin/sh", [`${checkout}/scripts/quickstart.sh`], {
      env: { DAEMONTOOLS_TOOLCHAIN: toolchain },
    });
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "hello from process ");
    assertStringIncludes(stdout, "That was all of it.");
  },
});
