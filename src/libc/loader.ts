/**
 * Binds C functions when they are first used.
 *
 * There are two ways to call one: through a pointer, which costs next to nothing to set up and 2 µs
 * a call, and through code that the runtime makes for it, which costs 0.3 ms and then 0.2 µs a call.
 * A program of short life pays for what it calls often; so the second way is taken when a function
 * turns out to be called often.
 */

import { cString } from "../base/bytes.ts";

const LIBRARY = "libc.so.6";
/** After as many calls making code has paid off soon. */
const CALLS_BEFORE_CODE = 100;

type Table = Deno.ForeignLibraryInterface;
type Bound<T extends Table> = Deno.StaticForeignLibraryInterface<T>;
type Call = (...args: unknown[]) => unknown;

/**
 * Makes callable what a table describes.
 *
 * @param table one entry per C function of a header
 * @returns an object with the table's names; the first use of each binds it
 * @throws {Error} at that first use, when the C library lacks the function
 */
export function bind<const T extends Table>(table: T): Bound<T> {
  const bound = {};
  for (const symbol of Object.keys(table)) {
    const replace = (value: Call): Call => {
      Object.defineProperty(bound, symbol, { value, configurable: true, enumerable: true });
      return value;
    };
    Object.defineProperty(bound, symbol, {
      configurable: true,
      enumerable: true,
      get: () => replace(pointerCall(symbol, table[symbol]!, replace)),
    });
  }
  return bound as Bound<T>;
}

/** Calls through a pointer at first; `replace` puts compiled code in its place. */
function pointerCall(
  symbol: string,
  definition: Table[string],
  replace: (call: Call) => Call,
): Call {
  const pointer = "parameters" in definition ? findSymbol(symbol) : null;
  if (pointer === null) return codeFor(symbol, definition);
  const viaPointer = new Deno.UnsafeFnPointer(
    pointer as Deno.PointerObject<Deno.ForeignFunction>,
    definition as Deno.ForeignFunction,
  );
  let left = CALLS_BEFORE_CODE;
  return (...args) => {
    if (left-- > 0) return (viaPointer.call as Call).apply(viaPointer, args);
    return replace(codeFor(symbol, definition))(...args);
  };
}

function codeFor(symbol: string, definition: Table[string]): Call {
  try {
    const library = Deno.dlopen(LIBRARY, { [symbol]: definition });
    return library.symbols[symbol] as Call;
  } catch (cause) {
    throw new Error(`${LIBRARY} lacks ${symbol}; glibc 2.31 or newer is needed`, { cause });
  }
}

/** void *dlsym(void *handle, const char *name) */
const DLSYM = { parameters: ["pointer", "buffer"], result: "pointer" } as const;

let dlsym: Deno.UnsafeFnPointer<typeof DLSYM> | null | undefined;

/** Where a function is; null when there is none, or the C library is too old to tell. */
export function findSymbol(symbol: string): Deno.PointerObject | null {
  if (dlsym === undefined) {
    try {
      // As a variable it is only found; as a function, code to call it would be made.
      const { symbols } = Deno.dlopen(LIBRARY, { dlsym: { type: "pointer" } });
      dlsym = new Deno.UnsafeFnPointer(symbols.dlsym as Deno.PointerObject<typeof DLSYM>, DLSYM);
    } catch {
      // Before glibc 2.34 it was in a library of its own.
      dlsym = null;
    }
  }
  return dlsym?.call(null, cString(symbol)) ?? null;
}
