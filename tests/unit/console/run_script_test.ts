import { assertEquals } from "@std/assert";
import { encode } from "../../../src/base/bytes.ts";
import { parsePlainScript } from "../../../src/chain/plain_script.ts";
import { quoteWord } from "../../../src/base/shell_word.ts";
import { envFile, runScript } from "../../../src/console/run_script.ts";

Deno.test("quoteWord() leaves alone what no shell looks at", () => {
  assertEquals(["a-b_c.d/e:f=g,h@i%1", "", "a b", "it's", "$x", "~", "-x"].map(quoteWord), [
    "a-b_c.d/e:f=g,h@i%1",
    "''",
    "'a b'",
    "'it'\\''s'",
    "'$x'",
    "'~'",
    "-x",
  ]);
});

Deno.test("runScript() writes logger scripts that need no shell", () => {
  const text = runScript({ command: ["multilog", "t", "-*", "./main"], user: "log" });
  assertEquals(text, "#!/bin/sh\nexec setuidgid log multilog t '-*' ./main\n");
  assertEquals(parsePlainScript(encode(text))?.argv.length, 6);
});

Deno.test("envFile() is what envdir reads back, or nothing", () => {
  assertEquals(["", "a  b", "a\nb", "a ", "a\0"].map(envFile), [
    "\n",
    "a  b\n",
    "a\0b\n",
    undefined,
    undefined,
  ]);
});
