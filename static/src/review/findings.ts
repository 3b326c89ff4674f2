import type { MarkLevel } from "../code/contract";
import type { Finding } from "./report";

/** What the table of findings is sorted by. */
export type SortKey = "line" | "severity" | "rule" | "points";

export interface TableState {
  readonly sort: SortKey;
  readonly descending: boolean;
  /** Null shows every one. */
  readonly severity: string | null;
  readonly category: string | null;
}

export const PLAIN_TABLE: TableState = {
  sort: "line",
  descending: false,
  severity: null,
  category: null,
};

/** Worst last, so that a descending sort begins with what matters. */
const SEVERITIES = [
  "info",
  "style",
  "layout",
  "minor",
  "low",
  "warning",
  "suspicious",
  "medium",
  "high",
  "error",
  "blocker",
];

function rankOf(severity: string): number {
  return SEVERITIES.indexOf(severity);
}

/** The findings that pass the filter, in the order asked for. Equal ones stay by place. */
export function arrange(findings: readonly Finding[], table: TableState): readonly Finding[] {
  const kept = findings.filter(
    (each) =>
      (table.severity === null || each.severity === table.severity) &&
      (table.category === null || each.category === table.category),
  );
  const sign = table.descending ? -1 : 1;
  return kept.toSorted((a, b) => sign * compare(a, b, table.sort) || byPlace(a, b));
}

function compare(a: Finding, b: Finding, key: SortKey): number {
  if (key === "line") return byPlace(a, b);
  if (key === "severity") return rankOf(a.severity) - rankOf(b.severity);
  if (key === "points") return a.points - b.points;
  return a.rule.localeCompare(b.rule, "en");
}

function byPlace(a: Finding, b: Finding): number {
  return a.path.localeCompare(b.path, "en") || a.line - b.line || a.column - b.column;
}

/** How many findings each value of a field has, the most first. */
export function tally(
  findings: readonly Finding[],
  field: "severity" | "category",
): readonly (readonly [value: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const each of findings) counts.set(each[field], (counts.get(each[field]) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0], "en"));
}

/** Press a column's head: sort by it, or turn its order round. Numbers begin with the largest. */
export function sortBy(table: TableState, key: SortKey): TableState {
  if (table.sort === key) return { ...table, descending: !table.descending };
  return { ...table, sort: key, descending: key === "severity" || key === "points" };
}

/** The tone of a severity, as chips and marks have it. */
export function toneOf(severity: string): MarkLevel {
  if (["blocker", "error", "high"].includes(severity)) return "error";
  if (["medium", "warning", "suspicious"].includes(severity)) return "warning";
  return "info";
}
