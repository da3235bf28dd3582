import { assertEquals } from "@std/assert";
import { encode } from "../../../src/base/bytes.ts";
import { MountGroups } from "../../../src/supervision/mount_groups.ts";
import { FakeKernel } from "../../engine/fake_kernel.ts";

/** A line of mountinfo. */
const mount = (at: string): string => `36 35 98:0 / ${at} rw,noatime master:1 - ext4 /dev/sda rw\n`;

/** The groups of names in `/service`. */
function world(mounts: readonly string[]) {
  const fake = new FakeKernel();
  fake.addDirectory("/service");
  fake.addFile("/proc/self/mountinfo", ["/", ...mounts].map(mount).join(""));
  const groups = new MountGroups(fake, fake.openDirectory(-100, "/service"));
  const groupOf = (name: string) => {
    groups.refresh(true);
    return groups.groupOf(encode(name));
  };
  return { fake, groups, groupOf };
}

Deno.test("MountGroups tell the mount point that a name leads below", () => {
  const { fake, groupOf } = world(["/mnt", "/mnt/deep", "/srv/a\\040b"]);
  fake.addDirectory("/service/here");
  fake.addLink("/service/absolute", "/mnt/x");
  fake.addLink("/service/relative", "../mnt/deep/x");
  fake.addLink("/service/blank", "/srv/a b/x");
  fake.addLink("/service/back", "/mnt/../etc/x");
  const names = ["here", "absolute", "relative", "blank", "back", "missing"];
  assertEquals(names.map(groupOf), ["/", "/mnt", "/mnt/deep", "/srv/a b", "/", "/"]);
});

Deno.test("MountGroups follow links on the way, and no further than to a mount point", () => {
  const { fake, groupOf } = world(["/nfs"]);
  fake.addLink("/etc", "/nfs/etc");
  fake.addLink("/service/a", "/etc/a");
  fake.addLink("/loop", "/loop");
  fake.addLink("/service/b", "/loop/b");
  const paths: string[] = [];
  const readLink = fake.readLink.bind(fake);
  fake.readLink = (at, path) => {
    paths.push(String(path));
    return readLink(at, path);
  };
  assertEquals([groupOf("a"), groupOf("b")], ["/nfs", "/"]);
  assertEquals(paths.filter((path) => path.startsWith("/nfs")), []);
});

Deno.test("MountGroups tell a mount point in the directory of services itself", () => {
  const { fake, groupOf } = world(["/service/a"]);
  fake.addDirectory("/service/a");
  assertEquals(groupOf("a"), "/service/a");
});

Deno.test("MountGroups notice what is mounted, and names that lead elsewhere, later", () => {
  const { fake, groups, groupOf } = world([]);
  fake.addLink("/service/a", "/mnt/a");
  assertEquals(groupOf("a"), "/");
  fake.addFile("/proc/self/mountinfo", mount("/") + mount("/mnt"));
  groups.refresh(false);
  assertEquals(groups.groupOf(encode("a")), "/mnt");
  fake.addLink("/service/a", "/etc/a");
  groups.refresh(true);
  assertEquals(groups.groupOf(encode("a")), "/");
});

Deno.test("MountGroups follow links also where a directory is not on the first file system", () => {
  const { fake, groups } = world(["/data", "/data/deep", "/nfs"]);
  fake.addDirectory("/data/a/log");
  fake.addLink("/data/a/log/main", "/nfs/a");
  fake.addLink("/data/a/log/other", "/data/b");
  fake.addLink("/data/b", "/nfs/b");
  const fd = fake.openDirectory(-100, "/data/a/log");
  groups.refresh(true);
  const mounts = ["./main", "other", "../x", "/etc/x", "/data/deep/x", "."].map((path) =>
    groups.mountOf(fd, encode(path))
  );
  assertEquals(mounts, ["/nfs", "/nfs", "/data", "/", "/data/deep", "/data"]);
});
