/**
 * Stand-in for `@std/cli` where JSR cannot be reached: `parseArgs` for the options that the
 * project's scripts use.
 *
 * @see jsr:@std/cli
 */

/** Which options exist, and of which kind. */
export interface ParseOptions {
  /** Names that take no value. */
  boolean?: readonly string[];
  /** Names whose value is taken as it is, never as a number; `_` for what is no option. */
  string?: readonly string[];
  /** Other names for a name. */
  alias?: Readonly<Record<string, string | readonly string[]>>;
  /** Values of what is not given. */
  default?: Readonly<Record<string, unknown>>;
  /** Names that may be given more than once: their value is an array. */
  collect?: readonly string[];
  /** The first argument that is not an option ends the options. */
  stopEarly?: boolean;
  /** Put what follows `--` into the member `--` rather than into `_`. */
  "--"?: boolean;
  /** Called for what was not declared; unless it returns other than false, it is left out. */
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

const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$|^0x[0-9a-f]+$/i;

class Parser {
  readonly #options: ParseOptions;
  readonly #args: Args = { _: [] };
  /** Each name with all its names. */
  readonly #names = new Map<string, string[]>();

  constructor(options: ParseOptions) {
    this.#options = options;
    for (const [name, others] of Object.entries(options.alias ?? {})) {
      const all = [name, ...(typeof others === "string" ? [others] : others)];
      for (const each of all) this.#names.set(each, all);
    }
  }

  parse(args: string[]): Args {
    const end = args.indexOf("--");
    const rest = end < 0 ? [] : args.splice(end).slice(1);
    for (let index = 0; index < args.length; index++) {
      const argument = args[index] as string;
      if (argument.length < 2 || !argument.startsWith("-")) {
        if (this.#allows(argument)) this.#args._.push(this.#operand(argument));
        if (!this.#options.stopEarly) continue;
        this.#args._.push(...args.slice(index + 1));
        break;
      }
      const used = argument.startsWith("--")
        ? this.#long(argument, args[index + 1])
        : this.#short(argument, args[index + 1]);
      if (used) index++;
    }
    this.#fill();
    if (this.#options["--"]) this.#args["--"] = rest;
    else this.#args._.push(...rest);
    return this.#args;
  }

  /** `--name`, `--name=value`, `--name value`; tells whether `next` was the value. */
  #long(argument: string, next: string | undefined): boolean {
    const [, key = "", value] = /^--([^=]+)(?:=([^]*))?$/.exec(argument) ?? [];
    if (value === undefined) return this.#setWithNext(key, next, argument);
    this.#set(key, this.#is("boolean", key) ? value === "true" : value, argument);
    return false;
  }

  /** `-abc` is `-a -b -c`; a number, or what begins with neither letter nor digit, is a value. */
  #short(argument: string, next: string | undefined): boolean {
    for (let at = 1; at < argument.length - 1; at++) {
      const key = argument[at] as string;
      const attached = argument.slice(at + 1);
      if (/^\W/.test(attached) || NUMBER.test(attached)) {
        this.#set(key, attached.replace(/^=/, ""), argument);
        return false;
      }
      this.#set(key, this.#is("string", key) ? "" : true, argument);
    }
    return this.#setWithNext(argument.slice(-1), next, argument);
  }

  #setWithNext(key: string, next: string | undefined, argument: string): boolean {
    if (next && !next.startsWith("-") && !this.#is("boolean", key)) {
      this.#set(key, next, argument);
      return true;
    }
    if (next === "true" || next === "false") {
      this.#set(key, next === "true", argument);
      return true;
    }
    this.#set(key, this.#is("string", key) ? "" : true, argument);
    return false;
  }

  #set(key: string, value: unknown, argument: string): void {
    if (!this.#allows(argument, key, value)) return;
    const final = typeof value === "string" && !this.#is("string", key) ? toValue(value) : value;
    for (const name of this.#all(key)) {
      const before = this.#args[name];
      if (!this.#is("collect", key)) this.#args[name] = final;
      else this.#args[name] = Array.isArray(before) ? [...before, final] : [final];
    }
  }

  #fill(): void {
    const { boolean = [], collect = [], default: defaults = {}, string = [] } = this.#options;
    const fill = (key: string, value: unknown): void => {
      for (const name of this.#all(key)) {
        if (!(name in this.#args)) this.#args[name] = value;
      }
    };
    for (const [key, value] of Object.entries(defaults)) fill(key, value);
    for (const key of boolean) fill(key, collect.includes(key) ? [] : false);
    for (const key of string) if (collect.includes(key)) fill(key, []);
  }

  #operand(argument: string): string | number {
    return this.#options.string?.includes("_") ? argument : toValue(argument);
  }

  #all(key: string): string[] {
    return this.#names.get(key) ?? [key];
  }

  #is(kind: "boolean" | "string" | "collect", key: string): boolean {
    return this.#all(key).some((name) => this.#options[kind]?.includes(name));
  }

  #allows(argument: string, key?: string, value?: unknown): boolean {
    if (!this.#options.unknown) return true;
    if (
      key !== undefined &&
      (this.#is("boolean", key) || this.#is("string", key) || this.#names.has(key))
    ) return true;
    return this.#options.unknown(argument, key, value) !== false;
  }
}

function toValue(text: string): string | number {
  return NUMBER.test(text) ? Number(text) : text;
}
