/** A scan on a fake kernel, ready to be driven by a test. */

import { assert } from "@std/assert";
import { decode } from "../../src/base/bytes.ts";
import type { ServiceOptions } from "../../src/supervision/service.ts";
import { Scan } from "../../src/supervision/scan.ts";
import type { Shutdown } from "../../src/supervision/shutdown.ts";
import { Engine } from "./engine.ts";
import type { FakeProcess } from "./fake_kernel.ts";

/** A scan of `/service`, which is empty at first. */
export class ScanEngine extends Engine {
  /** The scan, which has not begun. */
  readonly scan: Scan;
  /** Its orderly end, once a test has begun it. */
  shutdown: Shutdown | undefined;

  /** Makes an empty directory of services. */
  constructor(options: ServiceOptions = {}) {
    super();
    this.fake.addDirectory("/service");
    const directoryFd = this.host.kernel.openDirectory(-100, "/service");
    this.scan = new Scan(this.host, directoryFd, () => this.shutdown?.proceed(), options);
  }

  /** Makes a service directory. */
  addService(name: string, withLog = false): void {
    this.fake.addDirectory(`/service/${name}`);
    if (withLog) this.fake.addDirectory(`/service/${name}/log`);
  }

  /** The running process of a service, or of its logger with `NAME/log`. */
  processOf(name: string): FakeProcess {
    const process = [...this.fake.running.values()].find(({ plan }) =>
      this.fake.open.get(plan.directoryFd)?.path === `/service/${name}`
    );
    assert(process !== undefined, `${name} runs`);
    return process;
  }

  /** Names of the services that are known, sorted. */
  names(): string[] {
    return [...this.scan.services].map(({ name }) => decode(name)).sort();
  }
}
