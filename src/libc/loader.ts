/**
 * Binds C functions when they are first used.
 *
 * There are two ways to call one: through a pointer, which costs next to nothing to set up and 2 µs
 * a call, and through code that the runtime makes for it, which costs 0.3 ms and then 0.2 µs a call.
 * A program of short life pays for what it calls often; so the second way is taken when a function
 * turns out to be called often.
 */

const LIBRARY = "libc.so.6";
/** After as many calls making code has paid off soon. */
const CALLS_BEFORE_CODE = 250;

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
  // What is bound becomes the object's own. Only what is not there yet is looked for behind it.
  return Object.create(new Proxy(table, ON_FIRST_USE)) as Bound<T>;
}

const ON_FIRST_USE: ProxyHandler<Table> = {
  get(table, symbol, bound: Record<string, Call>) {
    const definition = typeof symbol === "string" ? table[symbol] : undefined;
    if (typeof symbol !== "string" || definition === undefined) return undefined;
    const value = pointerCall(bound, symbol, definition);
    // Not by assignment, which would go to the table.
    Object.defineProperty(bound, symbol, { value, configurable: true });
    return value;
  },
};

/** Calls through a pointer at first, and puts compiled code in its place among what is bound. */
function pointerCall(
  bound: Record<string, Call>,
  symbol: string,
  definition: Table[string],
): Call {
  const pointer = "parameters" in definition ? findSymbol(definition.name ?? symbol) : null;
  if (pointer === null) return codeFor(symbol, definition);
  const viaPointer = new Deno.UnsafeFnPointer(
    pointer as Deno.PointerObject<Deno.ForeignFunction>,
    definition as Deno.ForeignFunction,
  );
  let left = CALLS_BEFORE_CODE;
  return (...args) => {
    if (left-- > 0) return (viaPointer.call as Call).apply(viaPointer, args);
    const value = codeFor(symbol, definition);
    Object.defineProperty(bound, symbol, { value });
    return value(...args);
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

/** Where a function is; null when the C library lacks it. */
export function findSymbol(symbol: string): Deno.PointerObject | null {
  try {
    // As a variable it is only found; as a function, code to call it would be made.
    const { symbols } = Deno.dlopen(LIBRARY, { [symbol]: { type: "pointer" } });
    return symbols[symbol] as Deno.PointerObject;
  } catch {
    return null;
  }
}
