import { assertEquals } from "@std/assert";
import { type Bytes, decode, encode } from "../../../src/base/bytes.ts";
import { parsePlainScript } from "../../../src/chain/plain_script.ts";

/** The words that a script's `exec` has; undefined when it is not plain. */
function wordsOf(script: string): string[] | undefined {
  return parsePlainScript(encode(script))?.argv.map(decode);
}

Deno.test("parsePlainScript() reads what tutorials show", () => {
  assertEquals(wordsOf("#!/bin/sh\nexec multilog t ./main\n"), ["multilog", "t", "./main"]);
  assertEquals(
    wordsOf("#! /bin/sh\n\n# the log\nexec setuidgid www multilog t s100000 n5 ./main"),
    [
      ..."setuidgid www multilog t s100000 n5 ./main".split(" "),
    ],
  );
  assertEquals(
    wordsOf("#!/bin/bash\nexec \\\n  multilog t \\\n  '-*' \"+a b*\" ./main # x\n#y\n"),
    [
      ..."multilog t -*".split(" "),
      "+a b*",
      "./main",
    ],
  );
});

Deno.test("parsePlainScript() knows where standard error goes", () => {
  const joins = (script: string) => parsePlainScript(encode(script))?.joinsErrorToOutput;
  assertEquals(joins("#!/bin/sh\nexec 2>&1\nexec multilog ./main\n"), true);
  assertEquals(joins("#!/bin/sh\nexec 2>&1 # both\nexec multilog ./main\n"), true);
  assertEquals(joins("#!/bin/sh\nexec multilog ./main\n"), false);
});

Deno.test("parsePlainScript() joins the pieces of a word", () => {
  assertEquals(wordsOf("#!/bin/sh\nexec multi'log' \"a\"b'c d'e '' \"\"\n"), [
    "multilog",
    "abc de",
    "",
    "",
  ]);
  assertEquals(wordsOf("#!/bin/sh\nexec multilog ab\\\ncd\n"), ["multilog", "abcd"]);
  assertEquals(wordsOf("#!/bin/sh\nexec multilog 'a\nb'\n"), ["multilog", "a\nb"]);
});

Deno.test("parsePlainScript() passes bytes on that are not UTF-8", () => {
  const script = new Uint8Array([...encode("#!/bin/sh\nexec multilog ./"), 0xff, 0x0a]) as Bytes;
  assertEquals(parsePlainScript(script)?.argv[1], Uint8Array.of(0x2e, 0x2f, 0xff));
});

for (
  const [why, script] of Object.entries({
    "no shell": "exec multilog ./main\n",
    "another interpreter": "#!/usr/bin/env sh\nexec multilog ./main\n",
    "an option of the shell": "#!/bin/sh -e\nexec multilog ./main\n",
    "carriage returns": "#!/bin/sh\r\nexec multilog ./main\r\n",
    "no exec": "#!/bin/sh\nmultilog ./main\n",
    "an option of exec": "#!/bin/sh\nexec -a x multilog ./main\n",
    "nothing to execute": "#!/bin/sh\nexec 2>&1\n",
    "a variable": "#!/bin/sh\nexec multilog $DIR\n",
    "a variable in quotes": '#!/bin/sh\nexec multilog "$DIR"\n',
    "a backslash": "#!/bin/sh\nexec multilog \\-x ./main\n",
    "a pattern of file names": "#!/bin/sh\nexec multilog -* ./main\n",
    "a tilde": "#!/bin/sh\nexec multilog ~/main\n",
    "braces": "#!/bin/bash\nexec multilog ./{a,b}\n",
    "a redirection": "#!/bin/sh\nexec multilog ./main 2>&1\n",
    "a second command": "#!/bin/sh\nexec multilog ./main; echo\n",
    "a command before": "#!/bin/sh\numask 077\nexec multilog ./main\n",
    "a command behind": "#!/bin/sh\nexec multilog ./main\necho\n",
    "an assignment before": "#!/bin/sh\nTZ=UTC exec multilog ./main\n",
    "an open quote": "#!/bin/sh\nexec multilog './main\n",
    "a word that touches a comment sign": "#!/bin/sh\nexec multilog ./main#x\n",
    "a here-document": "#!/bin/sh\nexec multilog <<E\nE\n",
    "exec as part of a word": "#!/bin/sh\nexecute multilog ./main\n",
    "an empty file": "",
  })
) {
  Deno.test(`parsePlainScript() leaves to the shell: ${why}`, () => {
    assertEquals(wordsOf(script), undefined);
  });
}
