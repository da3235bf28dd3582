/** A scan of services some of which are on a file system that does not answer. */

import { assertEquals } from "@std/assert";
import type { StoredPath } from "../../src/supervision/storage.ts";
import { ScanEngine } from "./scan_engine.ts";

/** A scan where `/mnt` is another file system, which answers when a test says so. */
class SickScan extends ScanEngine {
  readonly #waiting: (() => void)[] = [];
  /** Whether `/mnt` does not answer. */
  isSick = false;

  /** Makes a directory of services that is empty, and `/mnt`, which is well. */
  constructor() {
    super();
    const mounts = ["/", "/mnt"].map((at) => `36 35 98:0 / ${at} rw - ext4 /dev/sda rw\n`);
    this.fake.addFile("/proc/self/mountinfo", mounts.join(""));
    const whenReached = ({ group }: StoredPath, action: () => void) => {
      if (this.isSick && group === "/mnt") this.#waiting.push(action);
      else action();
    };
    Object.assign(this.host.storage, { whenReached });
  }

  /** Makes a service on `/mnt`. */
  addElsewhere(name: string): void {
    this.fake.addDirectory(`/mnt/${name}`);
    this.fake.addLink(`/service/${name}`, `/mnt/${name}`);
  }

  /** Makes a service where all is well. */
  addHere(name: string): void {
    this.fake.addDirectory(`/srv/${name}`);
    this.fake.addLink(`/service/${name}`, `/srv/${name}`);
  }

  /** `/mnt` answers again. */
  recover(): void {
    this.isSick = false;
    for (const action of this.#waiting.splice(0)) action();
  }

  /** What waits for `/mnt`. */
  get waitingCount(): number {
    return this.#waiting.length;
  }
}

Deno.test("Scan starts everything but what is on a file system that does not answer", async () => {
  const engine = new SickScan();
  engine.isSick = true;
  engine.addElsewhere("sick");
  engine.addHere("sound");
  engine.scan.begin();
  assertEquals(engine.names(), ["sound"]);
  await engine.pass(3000);
  engine.addHere("late");
  engine.fake.noticeChange();
  await engine.pass(100);
  assertEquals(engine.names(), ["late", "sound"]);
  await engine.pass(60_000);
  // However long that lasts, it is asked once.
  assertEquals([engine.waitingCount, engine.fake.running.size], [1, 2]);
  engine.recover();
  await engine.pass(100);
  assertEquals(engine.names(), ["late", "sick", "sound"]);
  assertEquals(engine.messages, [
    "svscan: warning: the file system /mnt does not answer: what is there has to wait",
    "svscan: warning: the file system /mnt answers again",
  ]);
});

Deno.test("Scan forgets nothing that it cannot look at", async () => {
  const engine = new SickScan();
  engine.addElsewhere("sick");
  engine.addHere("gone");
  engine.scan.begin();
  engine.fake.feed("/mnt/sick/supervise/control", "dx");
  const { pid } = [...engine.scan.services].find(({ main }) => main?.name[0] === 0x73)!.main!;
  await engine.settle();
  engine.isSick = true;
  engine.fake.endProcess(pid);
  await engine.pass(20_000);
  assertEquals(engine.names(), ["gone", "sick"]);
  engine.recover();
  await engine.pass(6000);
  assertEquals(engine.fake.running.size, 2);
});
