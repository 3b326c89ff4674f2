/** Bringing the selected steps into line, and selecting along the wires. */
import { type Axis, aligned, distributed, type Line } from "../model/align";
import type { Point } from "../model/document";
import * as edits from "../model/edits";
import { selectNodes } from "../model/selection";
import { stream } from "../model/stream";
import { t, tn } from "../words/t";
import type { Session } from "./session";

export function align(session: Session, line: Line): void {
  const { nodes } = session.state.selection;
  arrange(session, aligned(session.document, nodes, line), edits.align);
}

export function distribute(session: Session, axis: Axis): void {
  const { nodes } = session.state.selection;
  arrange(session, distributed(session.document, nodes, axis), edits.distribute);
}

type Arranging = (places: ReadonlyMap<string, Point>) => Parameters<Session["edit"]>[0];

function arrange(session: Session, places: ReadonlyMap<string, Point>, how: Arranging): void {
  const said = tn("{count} step in line", "{count} steps in line", places.size);
  if (!session.edit(how(places), said)) session.say(t("They are in line already"));
}

/** Select all that comes before, or after, the selected nodes. */
export function selectStream(session: Session, down: boolean): void {
  const { selection, document } = session.state;
  const found = stream(document, selection.nodes, down);
  session.select(selectNodes(found, selection.focus?.id));
  session.say(tn("{count} step selected", "{count} steps selected", found.size));
}
