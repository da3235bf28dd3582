/** Tables in Markdown, and what becomes of several values of a cell. */

import { print, tell } from "./common.ts";

/** The value below which a share of the values lies; 0.5 is the median. */
export function quantile(values: readonly number[], share = 0.5): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** A table that fills while it is measured: best or median of several values in each cell. */
export class Table {
  readonly #rows = new Map<string, Map<string, number[]>>();
  readonly #columns: string[] = [];
  readonly #digits = new Map<string, number>();

  /**
   * @param title what the first column is headed with; it says the unit, where rows do not
   * @param reduce what becomes of several values of a cell
   */
  constructor(
    readonly title: string,
    readonly reduce: (values: readonly number[]) => number = quantile,
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
   * Makes Markdown of it. The last column says how many times ours the reference has: above 1 ours
   * is the smaller.
   *
   * @param reference the column that ours is compared with
   */
  lines(reference = "daemontools"): string[] {
    const compared = this.#columns.includes(reference) && this.#columns.includes("ours");
    const heads = [this.title, ...this.#columns, ...(compared ? [`${reference} / ours`] : [])];
    const rows = [...this.#rows].map(([row, cells]) => {
      const value = (column: string): number | undefined =>
        cells.has(column) ? this.reduce(cells.get(column)!) : undefined;
      const [theirs, ours] = [value(reference), value("ours")];
      const ratio = theirs === undefined || ours === undefined ? "-" : (theirs / ours).toFixed(2);
      const shown = this.#columns.map((column) =>
        value(column)?.toFixed(this.#digits.get(row)) ?? "-"
      );
      return [row, ...shown, ...(compared ? [ratio] : [])];
    });
    return [
      `| ${heads.join(" | ")} |`,
      `|---|${heads.slice(1).map(() => "---:|").join("")}`,
      ...rows.map((cells) => `| ${cells.join(" | ")} |`),
    ];
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
