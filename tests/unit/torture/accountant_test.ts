import { assertEquals } from "@std/assert";
import { type Account, Accountant } from "../../torture/accountant.ts";

const NOTHING: Account = {
  lines: 0,
  excused: 0,
  lost: 0,
  repeated: 0,
  invented: 0,
  broken: 0,
};

/** Takes lines of runs with so many noted lines each, and closes the account. */
function account(written: number[], lines: string[], excuses: boolean[] = []): Account {
  const accountant = new Accountant((run) => written[run - 1] ?? 0);
  for (const byLogger of excuses) accountant.excuse(byLogger);
  for (const line of lines) accountant.take(line);
  accountant.close(written.length);
  return accountant.account;
}

Deno.test("Accountant is content with all lines in order", () => {
  assertEquals(account([2, 0, 1], ["1 1", "1 2", "3 1"]), { ...NOTHING, lines: 3 });
});

Deno.test("Accountant allows one line that was written and not noted any more", () => {
  assertEquals(account([1, 1], ["1 1", "1 2", "2 1"]), { ...NOTHING, lines: 3 });
  assertEquals(account([1, 1], ["1 1", "1 2", "1 3", "2 1"]).invented, 1);
});

Deno.test("Accountant counts what is missing at the begin, in the middle and at the end", () => {
  assertEquals(account([3], ["1 2", "1 3"]).lost, 1);
  assertEquals(account([3], ["1 1", "1 3"]).lost, 1);
  assertEquals(account([3], ["1 1", "1 2"]).lost, 1);
  assertEquals(account([3, 2], ["1 1", "2 2"]).lost, 3);
  assertEquals(account([1, 7, 1], ["1 1", "3 1"]).lost, 7);
  assertEquals(account([1, 7], ["1 1"]).lost, 7);
});

Deno.test("Accountant counts what comes twice or late", () => {
  assertEquals(account([2], ["1 1", "1 1", "1 2"]).repeated, 1);
  assertEquals(account([2, 1], ["1 1", "1 2", "2 1", "1 2"]).repeated, 1);
});

Deno.test("Accountant lets each excuse stand for one gap", () => {
  const once = account([9], ["1 1", "1 4", "1 9"], [false]);
  assertEquals([once.excused, once.lost], [2, 4]);
  const twice = account([9], ["1 1", "1 4", "1 9"], [false, true]);
  assertEquals([twice.excused, twice.lost], [6, 0]);
});

Deno.test("Accountant forgets excuses after the round behind theirs", () => {
  for (const [rounds, lost] of [[1, 0], [2, 1]] as const) {
    const accountant = new Accountant(() => 9);
    accountant.excuse(false);
    for (let round = 0; round < rounds; round++) accountant.endRound();
    accountant.take("1 2");
    assertEquals(accountant.account.lost, lost);
  }
});

Deno.test("Accountant takes a part of a line only from a logger that was killed", () => {
  assertEquals(account([1], ["1 1", "1"], []).invented, 1);
  assertEquals(account([1], ["1 1", "1"], [true]).broken, 1);
});
