import { assertEquals, assertThrows } from "@std/assert";
import { renderManual } from "../../../src/base/manual.ts";

const PLAIN = { width: 40, styled: false };

function body(source: string, style = PLAIN): string {
  return renderManual(`.TH X 8 2026-01-01 us volume\n.SH TEXT\n${source}\n`, style)
    .split("\n").slice(3, -3).join("\n");
}

Deno.test("renderManual() sets a title and a footer", () => {
  assertEquals(
    renderManual(".TH SVC 8 2026-01-01 us volume\n.SH NAME\nsvc \\- x\n", PLAIN),
    "SVC(8)            volume           SVC(8)\n\nNAME\n       svc - x\n\nus  2026-01-01\n"
      .replace(
        "SVC(8)            volume           SVC(8)",
        "SVC(8)           volume           SVC(8)",
      ),
  );
});

Deno.test("renderManual() sets a long title alone", () => {
  const source = ".TH DAEMONTOOLS-TUTORIAL 7 2026-01-01 us volume\n";
  assertEquals(renderManual(source, PLAIN).split("\n")[0], "DAEMONTOOLS-TUTORIAL(7)");
});

Deno.test("renderManual() fills lines up to the width", () => {
  assertEquals(
    body("one two three four five six seven eight"),
    "       one two three four five six seven\n       eight",
  );
});

Deno.test("renderManual() never breaks a word that is too long", () => {
  const word = "x".repeat(50);
  assertEquals(body(`a ${word} b`), `       a\n       ${word}\n       b`);
});

Deno.test("renderManual() joins text with macros of fonts", () => {
  assertEquals(body("see\n.BR svc (8),\n.B a b\n.I c"), "       see svc(8), a b c");
});

Deno.test("renderManual() puts a short tag beside its text, a long one above", () => {
  assertEquals(
    body('.TP\n.B \\-u\nUp.\n.TP\n.BI \\-a " allbytes"\nAll.'),
    "       -u     Up.\n\n       -a allbytes\n              All.",
  );
});

Deno.test("renderManual() indents what is between .RS and .RE", () => {
  assertEquals(
    body(".TP\nlong tag\nText.\n.RS\n.TP\nok\nInner.\n.RE\n.PP\nOuter."),
    "       long tag\n              Text.\n\n              ok     Inner.\n\n       Outer.",
  );
});

Deno.test("renderManual() keeps examples as they are", () => {
  assertEquals(
    body("Do\n.PP\n.EX\nprintf 'a\\en'   b\n\n  c\n.EE"),
    "       Do\n\n           printf 'a\\n'   b\n\n             c",
  );
});

Deno.test("renderManual() marks fonts for a terminal, and closes them with the word", () => {
  assertEquals(
    body("a\n.B bold\nand \\fIslanted text\\fP", { width: 80, styled: true }),
    "       a \x1b[0;1mbold\x1b[0m and \x1b[0;4mslanted\x1b[0m \x1b[0;4mtext\x1b[0m",
  );
});

Deno.test("renderManual() refuses a macro that it does not know", () => {
  assertThrows(() => body(".nf"), Error, ".nf");
});
