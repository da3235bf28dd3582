import { assertEquals } from "@std/assert";
import { concat, encode } from "../../../../src/base/bytes.ts";
import { parseNotification } from "../../../../src/supervision/readiness/notify_message.ts";

Deno.test("parseNotification() understands sd_notify's lines, and passes over others", () => {
  const text = "READY=1\nSTATUS=a=b c\nFOO=bar\n=x\nno equals\nWATCHDOG_USEC=2000000";
  assertEquals(parseNotification(encode(text)), {
    isReady: true,
    isReloading: false,
    isStopping: false,
    statusText: "a=b c",
    watchdog: undefined,
    watchdogMs: 2000,
    extendMs: undefined,
    mainPid: undefined,
  });
  assertEquals(parseNotification(encode("READY=1"))?.isReady, true);
  assertEquals(parseNotification(encode("READY=0\n"))?.isReady, false);
  assertEquals(parseNotification(encode("WATCHDOG=trigger\n"))?.watchdog, "trigger");
  assertEquals(parseNotification(encode("EXTEND_TIMEOUT_USEC=x"))?.extendMs, undefined);
  assertEquals(parseNotification(encode("MAINPID=4711\nREADY=1"))?.mainPid, 4711);
  for (const pid of ["0", "-1", "x", "99999999999"]) {
    assertEquals(parseNotification(encode(`MAINPID=${pid}`))?.mainPid, undefined);
  }
});

Deno.test("parseNotification() rejects what is no message", () => {
  assertEquals(parseNotification(encode("")), undefined);
  assertEquals(parseNotification(concat("READY=1\0")), undefined);
  assertEquals(parseNotification(encode(`READY=1\n${"x".repeat(4096)}`)), undefined);
});
