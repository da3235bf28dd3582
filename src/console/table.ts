/** Tables of plain text that fit a width: first texts are cut, then the least important columns go. */

import { textWidth } from "./text_width.ts";

/** One column. */
export interface Column {
  /** What stands above it. */
  readonly heading: string;
  /** Where its texts stand; left unless given. */
  readonly align?: "left" | "right";
  /** Columns with the highest number go first when there is no room; without one it stays. */
  readonly dropped?: number;
  /** How short its texts may be cut, in columns of a terminal; without it they are never cut. */
  readonly shortest?: number;
}

/** A text in a table, and how it is painted once it has its width. */
export interface Cell {
  /** The text. */
  readonly text: string;
  /** Adds colours. */
  readonly paint?: (text: string) => string;
}

const GAP = 2;

/** Cuts a text to a width, in columns of a terminal, with an ellipsis at its end. */
export function shorten(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = "";
  for (const character of text) {
    if (textWidth(cut + character) >= width) break;
    cut += character;
  }
  return `${cut}…`;
}

/**
 * Lays a table out.
 *
 * @param rows one cell per column each
 * @param width the most columns of a line; as many as it takes, if undefined
 * @returns its lines, the heading first
 */
export function layOutTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width = Infinity,
): string[] {
  const widths = columns.map(({ heading }, index) =>
    rows.reduce(
      (most, row) => Math.max(most, textWidth(row[index]?.text ?? "")),
      textWidth(heading),
    )
  );
  const shown = new Set(columns.keys());
  const excess = (): number => {
    const total = [...shown].reduce((sum, index) => sum + widths[index]! + GAP, -GAP);
    return Math.max(0, total - width);
  };
  const natural = [...widths];
  const shrink = (): void => {
    for (const [index, { shortest }] of columns.entries()) {
      widths[index] = natural[index]!;
      if (shortest === undefined || !shown.has(index)) continue;
      widths[index] = Math.max(Math.min(natural[index]!, shortest), natural[index]! - excess());
    }
  };
  shrink();
  for (let rank = columns.length; rank > 0 && excess() > 0; rank--) {
    for (const [index, { dropped }] of columns.entries()) if (dropped === rank) shown.delete(index);
    shrink();
  }
  const line = (cells: readonly Cell[]): string =>
    [...shown].map((index) => {
      const { text, paint = (same: string) => same } = cells[index] ?? { text: "" };
      const cut = shorten(text, widths[index]!);
      const padding = " ".repeat(Math.max(0, widths[index]! - textWidth(cut)));
      const painted = cut === "" ? "" : paint(cut);
      return columns[index]!.align === "right" ? padding + painted : painted + padding;
    }).join(" ".repeat(GAP)).trimEnd();
  return [columns.map(({ heading }) => ({ text: heading })), ...rows].map(line);
}
