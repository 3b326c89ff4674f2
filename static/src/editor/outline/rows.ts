/** The rows of the outline: each step, and under it its ways on. */
import type { EdgeSpec, GraphDocument } from "../../model/document";
import { outlineOf } from "../../model/outline";
import type { Selection } from "../../model/selection";

export type Row = StepRow | WayRow;

export interface StepRow {
  readonly kind: "step";
  readonly key: string;
  readonly id: string;
  readonly apart: boolean;
  readonly ways: number;
  readonly open: boolean;
  readonly position: number;
  readonly count: number;
}

export interface WayRow {
  readonly kind: "way";
  readonly key: string;
  readonly edge: EdgeSpec;
  readonly position: number;
  readonly count: number;
}

export const stepKey = (id: string): string => `step ${id}`;
export const wayKey = (id: string): string => `way ${id}`;

export function rowsOf(document: GraphDocument, closed: (id: string) => boolean): readonly Row[] {
  const steps = outlineOf(document);
  return steps.flatMap(({ id, ways, apart }, at): Row[] => {
    const open = ways.length > 0 && !closed(id);
    const step: StepRow = {
      kind: "step",
      key: stepKey(id),
      id,
      apart,
      ways: ways.length,
      open,
      position: at + 1,
      count: steps.length,
    };
    if (!open) return [step];
    const under = ways.map((edge, index): WayRow => {
      const place = { position: index + 1, count: ways.length };
      return { kind: "way", key: wayKey(edge.id), edge, ...place };
    });
    return [step, ...under];
  });
}

/** The row of what has the keyboard; the first one when nothing has. */
export function currentRow(rows: readonly Row[], selection: Selection): Row | null {
  const { focus } = selection;
  const key = focus && (focus.kind === "edge" ? wayKey(focus.id) : stepKey(focus.id));
  const found = rows.find((row) => row.key === key);
  if (found || !focus || focus.kind !== "edge") return found ?? rows[0] ?? null;
  return rows[0] ?? null;
}

/** The row that a key leads to from another one; null when it leads nowhere. */
export function rowBy(rows: readonly Row[], from: Row | null, key: string): Row | null {
  const at = from ? rows.findIndex((row) => row.key === from.key) : -1;
  if (key === "Home") return rows[0] ?? null;
  if (key === "End") return rows.at(-1) ?? null;
  if (key === "ArrowDown") return rows[at + 1] ?? null;
  if (key === "ArrowUp") return rows[Math.max(0, at - 1)] ?? null;
  if (key === "ArrowRight" && from?.kind === "step" && from.open) return rows[at + 1] ?? null;
  if (key === "ArrowLeft" && from?.kind === "way") {
    return rows.slice(0, at).findLast((row) => row.kind === "step") ?? null;
  }
  return null;
}
