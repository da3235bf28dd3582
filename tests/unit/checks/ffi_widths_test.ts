import { assertEquals } from "@std/assert";
import { checkFfiWidths } from "../../../scripts/checks/ffi_widths.ts";

function messages(entries: string): string[] {
  const text = `/** A table. */\nexport const tableH = bind({\n${entries}\n});\n`;
  return checkFfiWidths({ path: "src/libc/table_h.ts", text }).map(({ message }) => message);
}

const READ = '  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },';

Deno.test("checkFfiWidths() lets pass what agrees with its declaration", () => {
  for (
    const entries of [
      `${READ} // ssize_t read(int fd, void *buf, size_t count)`,
      `  // ssize_t read(int fd, void *buf, size_t count)\n${READ}`,
      '  getpid: { parameters: [], result: "i32" }, // pid_t getpid(void)',
      '  times: {\n    parameters: ["buffer", "i64"],\n    result: "i32",\n  }, // int times(const struct timespec times[2], long n)',
      '  wait: { parameters: ["i32"], result: "i32", nonblocking: true }, // int wait(int)',
      '  mine: { name: "theirs", parameters: ["u32"], result: "void" }, // void theirs(uid_t uid)',
      '  open: { parameters: ["buffer", "i32", "u32"], result: "i32" }, // int open(const char *path, int flags, ...)',
      '  strdup: { parameters: ["pointer"], result: "pointer" }, // char *strdup(const char *text)',
      '  environ: { type: "pointer" }, // char **environ',
    ]
  ) assertEquals(messages(entries), [], entries);
});

Deno.test("checkFfiWidths() finds a wrong width", () => {
  assertEquals(
    messages(
      '  lseek: { parameters: ["i32", "i32", "i32"], result: "i64" }, // off_t lseek(int fd, off_t offset, int whence)',
    ),
    ['lseek, parameter 2: "off_t" is i64, not i32'],
  );
  assertEquals(
    messages(
      '  read: { parameters: ["i32", "buffer", "usize"], result: "i32" }, // ssize_t read(int fd, void *buf, size_t count)',
    ),
    ['read, result: "ssize_t" is isize, not i32'],
  );
  assertEquals(
    messages('  open: { parameters: ["i64"], result: "i32" }, // int open(const char *path)'),
    ['open, parameter 1: "const char *path" is buffer or pointer, not i64'],
  );
});

Deno.test("checkFfiWidths() finds a missing or foreign declaration", () => {
  assertEquals(messages(READ), ["read has no C declaration beside it"]);
  assertEquals(messages(`${READ} // reads`), ["read has no C declaration beside it"]);
  assertEquals(
    messages(`${READ} // ssize_t write(int fd, void *buf, size_t count)`),
    ["read is declared as write"],
  );
  assertEquals(
    messages('  environ: { type: "pointer" },'),
    ["environ has no C declaration beside it"],
  );
});

Deno.test("checkFfiWidths() finds a wrong number of parameters and an unknown type", () => {
  assertEquals(
    messages('  a: { parameters: ["i32"], result: "i32" }, // int a(int b, int c)'),
    ["a takes 2 parameters, not 1"],
  );
  assertEquals(
    messages('  a: { parameters: ["i32"], result: "i32" }, // int a(wide_t b)'),
    ['a, parameter 1: the C type "wide_t" is not known to this check'],
  );
});

Deno.test("checkFfiWidths() judges every entry of a table", () => {
  const bad = '  a: { parameters: [], result: "i64" }, // int a(void)';
  assertEquals(messages(`${bad}\n${bad.replaceAll("a(", "b(").replace("a:", "b:")}`).length, 2);
});

Deno.test("checkFfiWidths() minds src/libc only", () => {
  assertEquals(checkFfiWidths({ path: "src/system/a.ts", text: READ }), []);
});
