/** Where the rows of the outline stand. Their heights follow from what they are, so nothing is measured. */
import type { Row } from "./rows";

/** Pixels; on narrow screens rows are high enough for a finger, and a condition has a line of its own. */
export function heightOf(row: Row, narrow: boolean): number {
  if (row.kind === "step") return narrow ? 48 : 44;
  if (!narrow) return 32;
  return row.edge.when === undefined ? 44 : 60;
}

/** The top of each row, and at the end the bottom of the last, in pixels. */
export function edgesOf(rows: readonly Row[], narrow: boolean): readonly number[] {
  const edges = [0];
  let at = 0;
  for (const row of rows) {
    at += heightOf(row, narrow);
    edges.push(at);
  }
  return edges;
}

/** The row that covers a place, or the nearest one. */
export function rowAt(edges: readonly number[], place: number): number {
  let [low, high] = [0, Math.max(0, edges.length - 2)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((edges[middle] ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}
