/** The supervision engine on a fake kernel, ready to be driven by a test. */

import { decode, encode } from "../../src/base/bytes.ts";
import { Children } from "../../src/reactor/children.ts";
import type { SupervisionHost } from "../../src/supervision/host.ts";
import { Reactor } from "../../src/reactor/reactor.ts";
import { Supervisor } from "../../src/supervision/supervisor.ts";
import { FakeKernel } from "./fake_kernel.ts";

/** One event loop on one fake kernel. */
export class Engine {
  /** The world. */
  readonly fake: FakeKernel;
  /** Messages so far. */
  readonly messages: string[] = [];
  /** What the engine is given. */
  readonly host: SupervisionHost;

  /**
   * Makes a loop that watches nothing.
   *
   * @param fake a world in which an earlier engine may have left something
   */
  constructor(fake = new FakeKernel()) {
    this.fake = fake;
    const kernel = fake;
    const reactor = new Reactor(kernel.newPoller(), kernel, (error) => {
      throw error;
    });
    const children = new Children(kernel, reactor, { limits: [], descriptors: [] });
    const report = (line: Uint8Array) => void this.messages.push(decode(line).trimEnd());
    // Every device answers at once.
    const atOnce = (_where: unknown, action: () => void) => action();
    const storage = { isIdle: true, whenReady: atOnce, whenReached: atOnce };
    this.host = { kernel, reactor, children, environment: [encode("A=b")], report, storage };
  }

  /** Turns the loop until this much time has passed on its clock. */
  async pass(timeMs: number): Promise<void> {
    let over = false;
    this.host.reactor.after(timeMs, () => over = true);
    await this.host.reactor.run(() => over);
  }

  /** Lets everything happen that is due now. */
  async settle(): Promise<void> {
    await this.pass(0);
  }

  /** Ends at once, as by SIGKILL, and lets another engine take its place. */
  replace(): Engine {
    this.fake.killEngine();
    return new Engine(this.fake);
  }

  /** Supervises `/s`, which is made with a `down` file or without. */
  supervise(options: { down?: boolean; onEnd?: () => void } = {}): Supervisor {
    this.fake.addDirectory("/s");
    if (options.down) this.fake.addFile("/s/down");
    const place = { at: -100, path: encode("/s"), name: encode("s") };
    return new Supervisor(this.host, place, options.onEnd ?? (() => {}));
  }
}
