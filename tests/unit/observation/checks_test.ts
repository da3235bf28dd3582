import { assertEquals } from "@std/assert";
import { checkLog } from "../../../src/observation/checks/log_checks.ts";
import { accountsIn } from "../../../src/observation/checks/run_checks.ts";
import { ProcessTable } from "../../../src/observation/process_table.ts";
import { linuxKernel } from "../../../src/system/linux/linux_kernel.ts";
import { writeService } from "../../support/service.ts";
import { tempDir } from "../../support/temp.ts";

Deno.test("accountsIn() finds the accounts that a script takes on", () => {
  assertEquals(accountsIn("#!/bin/sh\n# setuidgid no sleep\nexec envdir e setuidgid www sh\n"), [
    "www",
  ]);
  assertEquals(accountsIn("exec envuidgid a setuidgid b c"), ["a", "b"]);
  assertEquals(accountsIn("exec setuidgid $USER sleep"), []);
});

Deno.test({
  name: "checkLog() finds a full file system",
  sanitizeResources: false,
  async fn() {
    await using dir = await tempDir();
    const path = await writeService(dir.join("web"), { logRun: "exec multilog t ./main" });
    const place = { name: "web", path, supervisePath: `${path}/supervise` };
    const subject = {
      observation: { place, state: "up" as const },
      processes: new ProcessTable([], undefined),
      strays: [],
      isRoot: false,
    };
    const codesWith = (freeBytes: number, freeFiles: number) => {
      const kernel = { ...linuxKernel(), freeSpace: () => ({ freeBytes, freeFiles }) };
      return checkLog(kernel, subject).map(({ code }) => code);
    };
    assertEquals(codesWith(1e9, 1e6), []);
    assertEquals(codesWith(4096, 1e6), ["disk-full"]);
    assertEquals(codesWith(1e9, 0), ["disk-full"]);
    const { freeBytes, freeFiles } = linuxKernel().freeSpace(path);
    assertEquals([freeBytes > 0, freeFiles > 0], [true, true]);
  },
});
