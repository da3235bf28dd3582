/** Tables in Markdown, and what becomes of several values of a cell. */

import { print, tell } from "./common.ts";

/** The value below which a share of the values lies; 0.5 is the median. */
export function quantile(values: readonly number[], share = 0.5): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** Why ours is the slower or the larger one where it is: for rows that begin so. */
export type Reasons = Readonly<Record<string, string>>;

/** Less than that is no difference. */
const NOTABLE = 1.05;

/** A table that fills while it is measured: best or median of several values in each cell. */
export class Table {
  readonly #rows = new Map<string, Map<string, number[]>>();
  readonly #columns: string[] = [];
  readonly #digits = new Map<string, number>();

  /**
   * @param title what the first column is headed with; it says the unit, where rows do not
   * @param reduce what becomes of several values of a cell
   * @param reasons shown where another suite has less; the first that fits a row
   */
  constructor(
    readonly title: string,
    readonly reduce: (values: readonly number[]) => number = quantile,
    readonly reasons: Reasons = {},
  ) {}

  /** Adds a value to a cell, and shows it as progress on standard error. */
  add(row: string, column: string, value: number, digits = 1): void {
    const cells = this.#rows.get(row) ?? new Map<string, number[]>();
    this.#rows.set(row, cells);
    if (!this.#columns.includes(column)) this.#columns.push(column);
    cells.set(column, [...cells.get(column) ?? [], value]);
    this.#digits.set(row, digits);
    tell(`  ${row}, ${column}: ${value.toFixed(digits)}`);
  }

  /**
   * Makes Markdown of it. One column says how many times ours the reference has: above 1 ours is the
   * smaller. Where there are reasons, the last one gives that of rows in which others have less.
   *
   * @param reference the column that ours is compared with
   */
  lines(reference = "daemontools"): string[] {
    const compared = this.#columns.includes(reference) && this.#columns.includes("ours");
    const explains = compared && Object.keys(this.reasons).length > 0;
    const heads = [this.title, ...this.#columns];
    if (compared) heads.push(`${reference} / ours`);
    const rows = [...this.#rows].map(([row, cells]) => {
      const value = (column: string): number | undefined =>
        cells.has(column) ? this.reduce(cells.get(column)!) : undefined;
      const [theirs, ours] = [value(reference), value("ours")];
      const ratio = theirs === undefined || ours === undefined ? "-" : (theirs / ours).toFixed(2);
      const shown = this.#columns.map((column) =>
        value(column)?.toFixed(this.#digits.get(row)) ?? "-"
      );
      const line = [row, ...shown, ...(compared ? [ratio] : [])];
      if (!explains) return line;
      const others = this.#columns.filter((column) => column !== "ours").map(value);
      const isSlower = others.some((other) => (ours ?? 0) > (other ?? Infinity) * NOTABLE);
      return [...line, isSlower ? this.#reasonFor(row) : ""];
    });
    return [
      `| ${heads.join(" | ")} |${explains ? " why more |" : ""}`,
      `|---|${heads.slice(1).map(() => "---:|").join("")}${explains ? "---|" : ""}`,
      ...rows.map((cells) => `| ${cells.join(" | ")} |`),
    ];
  }

  #reasonFor(row: string): string {
    return Object.entries(this.reasons).find(([start]) => row.startsWith(start))?.[1] ?? "";
  }

  /** Prints it. */
  print(): void {
    for (const line of this.lines()) print(line);
    print("");
  }
}

/** The smallest of several values: for what other work of the machine can only lengthen. */
export function smallest(values: readonly number[]): number {
  return Math.min(...values);
}
