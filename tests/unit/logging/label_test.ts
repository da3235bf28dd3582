import { assert, assertEquals } from "@std/assert";
import { type Bytes, decode } from "../../../src/base/bytes.ts";
import { tai64nLabel, type Timestamp } from "../../../src/base/tai64n.ts";
import { Labeler } from "../../../src/logging/label.ts";

function clockAt(seconds: number, nanoseconds: number, offsetSeconds = 0) {
  const time = { seconds, nanoseconds };
  const clock = {
    now: () => ({ ...time }),
    localTime: () => ({ year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0, offsetSeconds }),
  };
  return { time, clock };
}

function next(labeler: Labeler): string {
  const bytes: Bytes = new Uint8Array(labeler.length);
  labeler.write(bytes, 0);
  return decode(bytes);
}

Deno.test("Labeler writes TAI64N labels that increase though the clock stands still", () => {
  const { clock } = clockAt(935467445, 787492500);
  const labeler = new Labeler("tai64n", clock);
  assertEquals(next(labeler), "@4000000037c219bf2ef02e94 ");
  assertEquals(next(labeler), "@4000000037c219bf2ef02e95 ");
  for (let line = 0; line < 10; line++) next(labeler);
  assertEquals(next(labeler), "@4000000037c219bf2ef02ea0 ");
});

Deno.test("Labeler goes on from the last label when the clock is set back", () => {
  const { clock, time } = clockAt(1000, 999_999_999);
  const labeler = new Labeler("tai64n", clock);
  const first = next(labeler);
  time.seconds = 10;
  labeler.tick();
  const second = next(labeler);
  assert(second > first);
  assertEquals(second.slice(1, 25), "40000000000003f300000000");
});

Deno.test("Labeler writes what TAI64N has for any second, whichever came before", () => {
  const seconds = [-30, -11, -10, -1, 0, 5, 935467445, 935467446, 2 ** 32 - 11, 2 ** 32 - 10];
  for (const first of seconds) {
    for (const second of seconds) {
      const { clock, time } = clockAt(first, 1);
      const labeler = new Labeler("tai64n", clock);
      assertEquals(next(labeler), `${tai64nLabel({ seconds: first, nanoseconds: 1 })} `);
      // More than an hour back, or on.
      if (second < first && first - second <= 3600) continue;
      Object.assign(time, { seconds: second, nanoseconds: 7 });
      labeler.tick();
      assertEquals(next(labeler), `${tai64nLabel({ seconds: second, nanoseconds: 7 })} `);
    }
  }
});

Deno.test("Labeler follows the clock", () => {
  const { clock, time } = clockAt(1000, 0);
  const labeler = new Labeler("iso-utc", clock);
  assertEquals(next(labeler), "1970-01-01T00:16:40.000000000Z ");
  time.nanoseconds = 123456789;
  labeler.tick();
  assertEquals(next(labeler), "1970-01-01T00:16:40.123456789Z ");
  assertEquals(next(labeler), "1970-01-01T00:16:40.123456790Z ");
});

Deno.test("Labeler begins above the last label there is, or with the present if that is later", () => {
  const { clock } = clockAt(1000, 0);
  const last = { seconds: 2000, nanoseconds: 999_999_999 };
  assertEquals(next(new Labeler("iso-utc", clock, { last })), "1970-01-01T00:33:21.000000000Z ");
  const late = clockAt(3000, 7).clock;
  assertEquals(next(new Labeler("iso-utc", late, { last })), "1970-01-01T00:50:00.000000007Z ");
});

Deno.test("Labeler shows local time with its offset", () => {
  const { clock } = clockAt(1000, 5, -12600);
  assertEquals(next(new Labeler("iso-local", clock)), "1969-12-31T20:46:40.000000005-03:30 ");
});

Deno.test("Labeler follows the clock again when that was set back by more than an hour", () => {
  const { clock, time } = clockAt(10_000, 0);
  const leads: number[] = [];
  const onReturn = (seconds: number) => void leads.push(seconds);
  const labeler = new Labeler("iso-utc", clock, { onReturn });
  next(labeler);
  time.seconds = 10_000 - 3600;
  labeler.tick();
  assertEquals(next(labeler), "1970-01-01T02:46:40.000000001Z ");
  time.seconds--;
  labeler.tick();
  assertEquals(next(labeler), "1970-01-01T01:46:39.000000000Z ");
  assertEquals(leads, [3601]);
});

Deno.test("Labeler does not go on from a label that is more than an hour ahead", () => {
  const { clock } = clockAt(1000, 0);
  const last = { seconds: 4700, nanoseconds: 0 };
  const leads: number[] = [];
  const onReturn = (seconds: number) => void leads.push(seconds);
  const labeler = new Labeler("iso-utc", clock, { last, onReturn });
  assertEquals(next(labeler), "1970-01-01T00:16:40.000000000Z ");
  assertEquals(leads, [3700]);
});

Deno.test("Labeler tells of labels in a later second than the clock, once for each second", () => {
  const { clock, time } = clockAt(1000, 999_999_998);
  const leads: number[][] = [];
  const onLead = ({ seconds, nanoseconds }: Timestamp) => void leads.push([seconds, nanoseconds]);
  const labeler = new Labeler("tai64n", clock, { onLead });
  next(labeler);
  time.seconds = 500;
  for (let line = 0; line < 4; line++) {
    labeler.tick();
    next(labeler);
  }
  assertEquals(leads, [[1000, 999_999_999], [1001, 0]]);
  time.seconds = 1001;
  labeler.tick();
  next(labeler);
  assertEquals(leads.length, 2);
});
