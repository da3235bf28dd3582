/**
 * Stand-in for `@std/cli/parse-args` where JSR cannot be reached: the options that the project
 * uses, for names without dots.
 *
 * @see jsr:@std/cli/parse-args
 */

/** Which options exist, and of which kind. */
export interface ParseOptions {
  /** Names that take no value. */
  boolean?: readonly string[];
  /** Names whose value is taken as it is, never as a number; `_` for the other arguments. */
  string?: readonly string[];
  /** Other names for a name. */
  alias?: Readonly<Record<string, string | readonly string[]>>;
  /** Names that may be given more than once: their value is an array. */
  collect?: readonly string[];
  /** The first argument that is not an option ends the options. */
  stopEarly?: boolean;
  /** Put what follows `--` into the member `--` rather than into `_`. */
  "--"?: boolean;
  /** Called for what was not declared, which is left out if the answer is `false`. */
  unknown?: (argument: string, key?: string, value?: unknown) => unknown;
}

/** What was given: a member for each name, and in `_` the arguments that are not options. */
export interface Args extends Record<string, unknown> {
  /** The arguments that are not options; those that look like numbers are numbers. */
  _: Array<string | number>;
  /** What followed `--`, when that was asked for. */
  "--"?: string[];
}

/**
 * Sorts a command line into options and other arguments.
 *
 * @param args the command line, without the program's name
 * @param options which options exist
 * @returns the options by name and alias, and in `_` the rest
 */
export function parseArgs(args: readonly string[], options: ParseOptions = {}): Args {
  return new Parser(options).parse([...args]);
}

/** Where the value begins in the letters of `-ab=value` or `-n5`: a digit may come later. */
const ATTACHED_VALUE = /=(.+)/;
const ATTACHED_NUMBER = /-?\d+(?:\.\d*)?(?:e-?\d+)?$/;

class Parser {
  readonly #options: ParseOptions;
  readonly #args: Args = { _: [] };
  /** Each name with all its names, itself first. */
  readonly #names = new Map<string, string[]>();

  constructor(options: ParseOptions) {
    this.#options = options;
    for (const [name, others] of Object.entries(options.alias ?? {})) {
      const all = [name, ...(typeof others === "string" ? [others] : others)];
      for (const each of all) {
        this.#names.set(each, [each, ...all.filter((other) => other !== each)]);
      }
    }
  }

  parse(args: string[]): Args {
    const end = args.indexOf("--");
    const rest = end < 0 ? [] : args.splice(end).slice(1);
    for (let index = 0; index < args.length; index++) {
      const argument = args[index] as string;
      const next = args[index + 1];
      if (argument.length > 1 && argument.startsWith("-")) {
        const took = argument.startsWith("--")
          ? this.#long(argument, next)
          : this.#short(argument, next);
        if (took) index++;
        continue;
      }
      if (this.#options.unknown?.(argument) !== false) {
        this.#args._.push(this.#is("string", "_") ? argument : toValue(argument));
      }
      if (!this.#options.stopEarly) continue;
      this.#args._.push(...args.slice(index + 1));
      break;
    }
    this.#fill();
    if (this.#options["--"]) this.#args["--"] = rest;
    else this.#args._.push(...rest);
    return this.#args;
  }

  /** `--name`, `--name=value`, `--name value`; tells whether `next` was the value. */
  #long(argument: string, next: string | undefined): boolean {
    const [, key = "", value] = /^--(.+?)(?:=([^]*))?$/.exec(argument) ?? [];
    if (value === undefined) return this.#setWithNext(key, next, argument, /^-/);
    // What can be said no to is not among the options here, but a value is taken for it.
    const name = key.replace(/^no-(?=.)/, "");
    this.#set(name, this.#is("boolean", name) ? value !== "false" : value, argument);
    return false;
  }

  /** `-abc` is `-a -b -c`, unless a value is attached. Tells whether `next` was the value. */
  #short(argument: string, next: string | undefined): boolean {
    const letters = argument.slice(1, -1);
    for (let at = 0; at < letters.length; at++) {
      const key = letters[at] as string;
      const attached = argument.slice(at + 2);
      if (attached === "-") {
        this.#set(key, attached, argument);
        continue;
      }
      const value = attachedValue(key, attached, letters[at + 1]);
      this.#set(key, value ?? this.#bare(key), argument);
      if (value !== undefined) return false;
    }
    const last = argument.slice(-1);
    return last === "-" ? false : this.#setWithNext(last, next, argument, /^--?[^-]/);
  }

  /** Sets a name to what follows, unless that is an option or the name takes no value. */
  #setWithNext(key: string, next: string | undefined, argument: string, option: RegExp): boolean {
    const isValue = next && !this.#is("boolean", key) && !option.test(next);
    const isAnswer = next === "true" || next === "false";
    this.#set(key, isValue ? next : isAnswer ? next === "true" : this.#bare(key), argument);
    return isValue || isAnswer;
  }

  /** The value of a name that is given without one. */
  #bare(key: string): string | boolean {
    return this.#is("string", key) ? "" : true;
  }

  #set(key: string, value: string | boolean, argument: string): void {
    const known = (["boolean", "string", "collect"] as const).some((kind) => this.#is(kind, key)) ||
      this.#names.has(key);
    if (!known && this.#options.unknown?.(argument, key, value) === false) return;
    const final = typeof value === "string" && !this.#is("string", key) ? toValue(value) : value;
    const collected = this.#is("collect", key);
    for (const name of this.#all(key)) {
      const before = this.#args[name];
      if (!collected) this.#args[name] = final;
      else this.#args[name] = Array.isArray(before) ? [...before, final] : [final];
    }
  }

  #fill(): void {
    const { boolean = [], string = [] } = this.#options;
    for (const key of [...boolean, ...string].flatMap((name) => this.#all(name))) {
      if (Object.hasOwn(this.#args, key)) continue;
      if (this.#is("collect", key)) this.#args[key] = [];
      else if (this.#is("boolean", key)) this.#args[key] = false;
    }
  }

  #all(key: string): string[] {
    return this.#names.get(key) ?? [key];
  }

  #is(kind: "boolean" | "string" | "collect", key: string): boolean {
    return this.#all(key).some((name) => this.#options[kind]?.includes(name));
  }
}

/** The value in what follows a letter, if there is one: `=v`, a number, or no word at all. */
function attachedValue(letter: string, text: string, nextLetter: string | undefined) {
  if (text === "=") return "";
  if (/[A-Za-z]/.test(letter)) {
    const value = ATTACHED_VALUE.exec(text)?.[1];
    if (value !== undefined) return value;
    if (ATTACHED_NUMBER.test(text)) return text;
  }
  return nextLetter !== undefined && /\W/.test(nextLetter) ? text : undefined;
}

function toValue(text: string): string | number {
  return /\S/.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}
