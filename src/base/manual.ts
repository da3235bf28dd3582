/**
 * Manual pages for a terminal: the part of the man(7) language that our pages use.
 *
 * @see groff_man(7), and scripts/install/man for the pages
 */

const BODY_INDENT = 7;
const SUBHEADING_INDENT = 3;
const EXAMPLE_INDENT = 4;
const LONGEST_TAG = 5;

/** Fonts within a text, as characters for private use, which no page has. */
const BOLD = "\uE000";
const ITALIC = "\uE001";
const ROMAN = "\uE002";
const FONT_MARKS = /[\uE000-\uE002]/g;
const FONTS: Readonly<Record<string, string>> = { B: BOLD, I: ITALIC, R: ROMAN, P: ROMAN };
const ESCAPES: Readonly<Record<string, string>> = {
  [BOLD]: "\x1b[0;1m",
  [ITALIC]: "\x1b[0;4m",
  [ROMAN]: "\x1b[0m",
};

/** How a page is to look. */
export interface ManualStyle {
  /** Columns to fill. */
  readonly width: number;
  /** Whether bold and underlined text is marked by escape sequences of terminals. */
  readonly styled: boolean;
}

/**
 * Lays out a manual page.
 *
 * @param source the page, in the man(7) language
 * @returns lines, each complete with its newline
 */
export function renderManual(source: string, style: ManualStyle): string {
  const page = new Page(style);
  for (const line of source.split("\n")) page.take(line);
  return page.end();
}

class Page {
  readonly #style: ManualStyle;
  readonly #lines: string[] = [];
  #footer = "";
  /** Where text begins: the section's, and what `.RS` and `.TP` have added. */
  #base = BODY_INDENT;
  #indent = BODY_INDENT;
  #words: string[] = [];
  /** In front of the first line of the paragraph, at `#base`. */
  #tag: string | undefined;
  #tagIsNext = false;
  #isExample = false;
  #isBelowHeading = true;

  constructor(style: ManualStyle) {
    this.#style = style;
  }

  /** Takes one line of the source. */
  take(line: string): void {
    if (line.startsWith(".")) {
      const [macro = "", ...args] = splitArguments(line.slice(1));
      this.#macro(macro, args);
    } else if (line !== "" || this.#isExample) this.#text(unescape(line));
  }

  /** Ends the page. */
  end(): string {
    this.#flush();
    this.#gap();
    this.#put(this.#footer);
    const { styled } = this.#style;
    const text = this.#lines.map((line) => `${line}\n`).join("");
    return text.replace(FONT_MARKS, (mark) => styled ? ESCAPES[mark] ?? "" : "");
  }

  #macro(macro: string, args: string[]): void {
    const font = /^[BIR]{1,2}$/.test(macro) ? macro : undefined;
    if (font !== undefined) return this.#text(inFonts(font, args.map(unescape)));
    switch (macro) {
      case "TH":
        return this.#title(args);
      case "SH":
        return this.#heading(0, args);
      case "SS":
        return this.#heading(SUBHEADING_INDENT, args);
      case "PP":
        this.#flush();
        this.#indent = this.#base;
        return this.#gap();
      case "TP":
        this.#flush();
        this.#indent = this.#base + BODY_INDENT;
        this.#tagIsNext = true;
        return this.#gap();
      case "RS":
        this.#flush();
        this.#base = this.#indent;
        return;
      case "RE":
        this.#flush();
        this.#base -= BODY_INDENT;
        this.#indent = this.#base;
        return;
      case "br":
        return this.#flush();
      case "EX":
      case "EE":
        this.#flush();
        this.#isExample = macro === "EX";
        return;
      default:
        throw new Error(`a manual page uses .${macro}, which is not known here`);
    }
  }

  #title([name = "", section = "", date = "", source = "", volume = ""]: string[]): void {
    const title = `${name}(${section})`;
    const gap = this.#style.width - 2 * title.length - volume.length;
    const left = " ".repeat(Math.max(0, Math.floor(gap / 2)));
    // A title that is too long for all of it stands alone.
    this.#put(gap < 2 ? title : title + left + volume + " ".repeat(gap - left.length) + title);
    this.#footer = `${source}  ${date}`;
  }

  #heading(indent: number, args: string[]): void {
    this.#flush();
    this.#gap();
    this.#put(" ".repeat(indent) + inFonts("B", args.map(unescape)));
    this.#base = this.#indent = BODY_INDENT;
    this.#isBelowHeading = true;
  }

  #text(text: string): void {
    if (this.#tagIsNext) {
      this.#tag = text;
      this.#tagIsNext = false;
    } else if (this.#isExample) {
      this.#put(" ".repeat(this.#indent + EXAMPLE_INDENT) + text);
    } else this.#words.push(...splitWords(text));
  }

  #flush(): void {
    const margin = " ".repeat(this.#indent);
    let line = margin;
    if (this.#tag !== undefined) {
      const tagLine = " ".repeat(this.#base) + this.#tag;
      if (visibleLength(this.#tag) <= LONGEST_TAG) {
        line = tagLine + margin.slice(visibleLength(tagLine));
      } else this.#put(tagLine);
    }
    let isEmpty = true;
    for (const word of this.#words) {
      if (!isEmpty && visibleLength(line) + 1 + visibleLength(word) > this.#style.width) {
        this.#put(line);
        line = margin;
        isEmpty = true;
      }
      line += isEmpty ? word : ` ${word}`;
      isEmpty = false;
    }
    if (!isEmpty) this.#put(line);
    this.#words = [];
    this.#tag = undefined;
  }

  /** Leaves a line empty, but not below a heading or another. */
  #gap(): void {
    if (!this.#isBelowHeading && this.#lines.at(-1) !== "") this.#lines.push("");
  }

  #put(line: string): void {
    this.#lines.push(line.trimEnd());
    this.#isBelowHeading = false;
  }
}

function splitArguments(line: string): string[] {
  return [...line.matchAll(/"((?:[^"]|"")*)"?|(\S+)/g)].map(([, quoted, plain]) =>
    plain ?? (quoted ?? "").replaceAll('""', '"')
  );
}

/** `.B a b` is one text in one font; `.BR a b` joins its arguments, with fonts taking turns. */
function inFonts(fonts: string, args: readonly string[]): string {
  if (fonts.length === 1) return FONTS[fonts] + args.join(" ") + ROMAN;
  return args.map((text, index) => FONTS[fonts[index % 2] ?? "R"] + text).join("") + ROMAN;
}

function unescape(text: string): string {
  return text.replace(/\\(?:f(.)|(.))/g, (_, font?: string, letter?: string) => {
    if (font !== undefined) return FONTS[font] ?? "";
    if (letter === "e") return "\\";
    return letter === "&" ? "" : letter ?? "";
  });
}

/** Words, each of which begins in its own font, so that a line can end behind any of them. */
function splitWords(text: string): string[] {
  let font = "";
  return text.split(" ").filter((word) => word !== "").map((word) => {
    const whole = font + word;
    font = whole.match(FONT_MARKS)?.at(-1) ?? font;
    return font === "" || font === ROMAN ? whole : whole + ROMAN;
  });
}

function visibleLength(text: string): number {
  return text.replace(FONT_MARKS, "").length;
}
