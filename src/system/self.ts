/** What the kernel tells this process about itself. */

/** Where parts of this process lie in memory. */
export interface MemoryMarks {
  /** Behind the NUL of the last argument. */
  readonly argumentsEnd: bigint;
}

const ARG_END = 49;

/** Reads the marks. @see proc_pid_stat(5), whose numbering of the fields is used here */
export function memoryMarks(): MemoryMarks {
  const stat = Deno.readTextFileSync("/proc/self/stat");
  // The second field, the name, is in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).trimEnd().split(" ");
  return { argumentsEnd: BigInt(fields[ARG_END - 3]!) };
}
