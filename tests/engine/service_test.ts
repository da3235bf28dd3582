/** A service with its logger and pipe, on a fake kernel. */

import { assertEquals } from "@std/assert";
import { encode } from "../../src/base/bytes.ts";
import { Service } from "../../src/supervision/service.ts";
import { Engine } from "./engine.ts";

/** A service `/service/a` with a logger, kept up once, and how often supervision has ended. */
function keptUp() {
  const engine = new Engine();
  engine.fake.addDirectory("/service/a/log");
  const at = engine.fake.openDirectory(-100, "/service");
  let ends = 0;
  const service = new Service(engine.host, at, encode("a"), () => ends++);
  service.keepUp(encode("a"));
  return { engine, service, ends: () => ends };
}

Deno.test("Service counts the descriptors that it holds", () => {
  const { engine, service } = keptUp();
  // One is the directory of services.
  assertEquals(service.descriptorCount, engine.fake.open.size - 1);
  service.endInput();
  assertEquals(service.descriptorCount, engine.fake.open.size - 1);
});

Deno.test("Service closes everything once, whatever order it comes to an end in", async () => {
  const { engine, service, ends } = keptUp();
  service.main!.handle("stop");
  for (const { pid } of engine.fake.started) engine.fake.endProcess(pid);
  service.endInput();
  await engine.settle();
  assertEquals([service.isIdle, ends()], [true, 2]);
  service.close();
  service.close();
  assertEquals([service.descriptorCount, engine.fake.open.size], [0, 1]);
});
