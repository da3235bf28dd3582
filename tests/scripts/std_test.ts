/**
 * The stand-ins for `@std` beside the real packages, where these are at hand: a registry that can be
 * served on loopback lies in `../shared/jsr` beside the checkout.
 */

import { assertEquals } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { tempDir } from "../support/temp.ts";
import { isReference, ROOT, run, start } from "../support/tools.ts";

const REGISTRY = `${ROOT}/../shared/jsr`;

Deno.test({
  name: "the stand-ins do what @std does, and what is imported is there with these types",
  ignore: isReference || !existsSync(`${REGISTRY}/serve.ts`),
  fn: async () => {
    await using dir = await tempDir();
    const serve = ["run", "--no-config", "--allow-net=127.0.0.1", "--allow-read", "serve.ts", "0"];
    await using server = start(Deno.execPath(), serve, { cwd: REGISTRY });
    await server.waitForOutput("Listening on ");
    const [url = ""] = /http:[\w./:]+/.exec(server.stdout + server.stderr) ?? [];
    const env = { DENO_DIR: dir.path, JSR_URL: url, NO_COLOR: "1", NO_PROXY: "127.0.0.1" };
    const options = { cwd: ROOT, env, timeoutMs: 240_000 };
    const config = ["--quiet", "--config", "deno.json"];
    const tests = ["--no-check", "--allow-all", "tests/unit/offline_std_test.ts"];
    const tested = await run(Deno.execPath(), ["test", ...config, ...tests], options);
    assertEquals(tested.code, 0, tested.stdout + tested.stderr);
    const checked = await run(Deno.execPath(), ["check", ...config, "."], options);
    assertEquals(checked.code, 0, checked.stderr);
  },
});
