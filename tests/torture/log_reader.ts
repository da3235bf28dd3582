/** Reads the lines that arrived in a log, each once and in order, while the log rotates. */

/** What was read of one file, and what is left behind its last newline. */
interface Part {
  offset: number;
  rest: string;
}

/** Reads one log: a single file, or a directory of multilog's. */
export class LogReader {
  readonly #path: string;
  readonly #isDirectory: boolean;
  readonly #parts = new Map<number, Part>();

  /**
   * @param path the file, or the directory
   * @param isDirectory which of them
   */
  constructor(path: string, isDirectory: boolean) {
    this.#path = path;
    this.#isDirectory = isDirectory;
  }

  /**
   * The lines that have come since the last call. Nothing when a rotation comes in between: then
   * the next call has them.
   */
  read(): string[] {
    const before = this.#files();
    const texts = before.map(({ path, inode }) => ({ inode, text: this.#readFrom(path, inode) }));
    const after = this.#files();
    const same = before.length === after.length &&
      before.every(({ inode }, index) => inode === after[index]!.inode);
    if (!same || texts.some(({ text }) => text === undefined)) return [];
    const lines: string[] = [];
    texts.forEach(({ inode, text }, index) => {
      const part = this.#parts.get(inode) ?? { offset: 0, rest: "" };
      this.#parts.set(inode, part);
      part.offset += text!.length;
      const pieces = (part.rest + text!).split("\n");
      part.rest = pieces.pop()!;
      lines.push(...pieces);
      // Nothing follows in a file that is not the last one.
      if (index < texts.length - 1 && part.rest !== "") {
        lines.push(part.rest);
        part.rest = "";
      }
    });
    return lines;
  }

  #files(): { path: string; inode: number }[] {
    const names = this.#isDirectory
      ? [...namesIn(this.#path).filter((name) => /^@.*\.[su]$/.test(name)).sort(), "current"]
      : [""];
    return names.flatMap((name) => {
      const path = name === "" ? this.#path : `${this.#path}/${name}`;
      try {
        return [{ path, inode: Deno.statSync(path).ino! }];
      } catch {
        return [];
      }
    });
  }

  #readFrom(path: string, inode: number): string | undefined {
    try {
      using file = Deno.openSync(path);
      const status = file.statSync();
      const offset = this.#parts.get(inode)?.offset ?? 0;
      if (status.ino !== inode || status.size < offset) return undefined;
      file.seekSync(offset, Deno.SeekMode.Start);
      const bytes = new Uint8Array(status.size - offset);
      let length = 0;
      while (length < bytes.length) {
        const count = file.readSync(bytes.subarray(length));
        if (count === null) break;
        length += count;
      }
      return new TextDecoder().decode(bytes.subarray(0, length));
    } catch {
      return undefined;
    }
  }
}

function namesIn(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].map(({ name }) => name);
  } catch {
    return [];
  }
}
