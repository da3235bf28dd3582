/**
 * Binds C functions when they are first used.
 *
 * Binding costs about 0.1 ms a symbol, so a table costs nothing until one of its functions is
 * called, and a program pays only for the functions that it calls.
 */

const LIBRARY = "libc.so.6";

type Table = Deno.ForeignLibraryInterface;
type Bound<T extends Table> = Deno.StaticForeignLibraryInterface<T>;

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
    Object.defineProperty(bound, symbol, {
      configurable: true,
      enumerable: true,
      get() {
        const value = load(symbol, table[symbol]!);
        Object.defineProperty(bound, symbol, { value, enumerable: true });
        return value;
      },
    });
  }
  return bound as Bound<T>;
}

function load(symbol: string, definition: Table[string]): unknown {
  try {
    const library = Deno.dlopen(LIBRARY, { [symbol]: definition });
    return library.symbols[symbol];
  } catch (cause) {
    throw new Error(`${LIBRARY} lacks ${symbol}; glibc 2.31 or newer is needed`, { cause });
  }
}
