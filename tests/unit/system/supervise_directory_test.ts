import { assert, assertEquals, assertThrows } from "@std/assert";
import { decode, encode } from "../../../src/base/bytes.ts";
import { ERRNO } from "../../../src/base/errno.ts";
import { CWD } from "../../../src/base/kernel_constants.ts";
import { SystemError } from "../../../src/base/system_error.ts";
import { linuxProgramKernel } from "../../../src/system/linux/program_kernel.ts";
import { withSuperviseDirectory } from "../../../src/system/supervise_directory.ts";
import { superviseDirectoryOf } from "../../../src/system/supervise_variable.ts";
import { namesIn, tempDir } from "../../support/temp.ts";

/** C functions are bound when they are first used, and stay bound. */
function kernelTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeResources: false });
}

Deno.test("superviseDirectoryOf() finds the first variable of that name, if it is not empty", () => {
  const find = (...variables: string[]) => {
    const found = superviseDirectoryOf(variables.map(encode));
    return found && decode(found);
  };
  assertEquals(find("A=b", "SUPERVISEDIR=/run/sv", "SUPERVISEDIR=/x"), "/run/sv");
  assertEquals(find("A=b", "XSUPERVISEDIR=/run/sv"), undefined);
  assertEquals(find("SUPERVISEDIR="), undefined);
});

kernelTest("withSuperviseDirectory() names each directory by the path of its service", async () => {
  await using dir = await tempDir();
  Deno.mkdirSync(dir.join("sd/a/log"), { recursive: true });
  Deno.symlinkSync("a", dir.join("sd/link"));
  const kernel = withSuperviseDirectory(linuxProgramKernel(), encode(dir.join("sv")));
  const flat = `sv${dir.path.replaceAll("/", ":").replace(":", "/")}:sd:a`;
  const fd = kernel.openDirectory(CWD, dir.join("sd/link"));
  kernel.mkdir(fd, "supervise", 0o700);
  kernel.close(kernel.openTruncate(fd, "supervise/status.new"));
  kernel.rename(fd, "supervise/status.new", "supervise/status");
  kernel.mkfifo(CWD, dir.join("sd/a/supervise/ok"), 0o600);
  kernel.close(kernel.openAppend(fd, encode("supervise/lock")));
  assertEquals(namesIn(dir.join(flat)), ["lock", "ok", "status"]);
  assertEquals(kernel.stat(fd, "supervise/status").size, 0);
  assertEquals(kernel.readDirectory(CWD, dir.join("sd/a/supervise")).length, 3);
  kernel.mkdir(fd, "log/supervise", 0o700);
  assert(Deno.statSync(dir.join(`${flat}:log`)).isDirectory);
  assertEquals(namesIn(dir.join("sd/a")), ["log"]);
  kernel.close(fd);
});

kernelTest(
  "withSuperviseDirectory() leaves other paths, and services called supervise",
  async () => {
    await using dir = await tempDir();
    Deno.mkdirSync(dir.join("a"));
    const kernel = withSuperviseDirectory(linuxProgramKernel(), encode(dir.join("sv")));
    for (const name of ["supervised", "a/x", "a/supervise.new"]) {
      kernel.close(kernel.openTruncate(CWD, dir.join(name)));
      assert(Deno.statSync(dir.join(name)).isFile);
    }
    const missing = () => kernel.mkdir(CWD, dir.join("no/such"), 0o700);
    assertEquals((assertThrows(missing, SystemError) as SystemError).errno, ERRNO.ENOENT);
    const own = () => kernel.stat(CWD, "supervise");
    assertEquals((assertThrows(own, SystemError) as SystemError).errno, ERRNO.ENOENT);
    assertEquals(namesIn(dir.path), ["a", "supervised"]);
  },
);

kernelTest("withSuperviseDirectory() makes nothing for a directory that was removed", async () => {
  await using dir = await tempDir();
  Deno.mkdirSync(dir.join("a"));
  const kernel = withSuperviseDirectory(linuxProgramKernel(), encode(dir.join("sv")));
  const fd = kernel.openDirectory(CWD, dir.join("a"));
  Deno.removeSync(dir.join("a"));
  const make = () => kernel.mkdir(fd, "supervise", 0o700);
  assertEquals((assertThrows(make, SystemError) as SystemError).errno, ERRNO.ENOENT);
  kernel.close(fd);
});

kernelTest("withSuperviseDirectory() takes a relative base for a name in the service", async () => {
  await using dir = await tempDir();
  Deno.mkdirSync(dir.join("a"));
  const kernel = withSuperviseDirectory(linuxProgramKernel(), encode(".supervise"));
  kernel.mkdir(CWD, dir.join("a/supervise"), 0o700);
  kernel.close(kernel.openTruncate(CWD, dir.join("a/supervise/status")));
  assertEquals(namesIn(dir.join("a/.supervise")), ["status"]);
});
