/** Going to a row, and to its fields. */
import { decisionOf } from "../../model/edges";
import { selectEdge, selectNode } from "../../model/selection";
import { pointer } from "../forms/At";
import type { Session } from "../session";
import type { Row } from "./rows";

export function goToRow(session: Session, row: Row): void {
  session.select(row.kind === "step" ? selectNode(row.id) : selectEdge(row.edge.id));
}

/** The settings of a step, or the condition of a way. */
export function editRow(session: Session, row: Row | null): void {
  if (!row) return;
  goToRow(session, row);
  const when = row.kind === "way" && decisionOf(row.edge) === "when";
  const index = row.kind === "way" ? session.document.edges.indexOf(row.edge) : -1;
  session.focusField(when ? pointer("edges", index, "when") : "first");
}
