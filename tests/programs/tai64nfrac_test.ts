/** tai64nfrac: labels as seconds since 1970. Ours alone; the C suite has no such program. */

import { assertEquals } from "@std/assert";
import { isReference, run } from "../support/tools.ts";

Deno.test({
  name: "tai64nfrac shows labels as seconds since 1970, and copies all else",
  ignore: isReference,
  async fn() {
    const input = "@4000000037c219bf2ef02e94 mark\n@400000000000000a00000000\n" +
      "@400000000000000920000000 x\n@4000000037C219BF2EF02E94\n@x\nplain @40\n" +
      "@4000000037c219bf3b9aca00 n\n";
    const { stdout, code } = await run("tai64nfrac", [], { stdin: input });
    const expected = "935467445.787492500 mark\n0.000000000\n-0.463129088 x\n" +
      "@4000000037C219BF2EF02E94\n@x\nplain @40\n@4000000037c219bf3b9aca00 n\n";
    assertEquals([stdout, code], [expected, 0]);
  },
});
