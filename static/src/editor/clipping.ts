/** Delete, copy, paste and duplicate, as the keys and the menus do them. */
import { copy, readClip } from "../model/clipboard";
import * as edits from "../model/edits";
import { selectNodes } from "../model/selection";
import { nearestLeft } from "./adding";
import type { Session } from "./session";

/** Delete what is selected; the keyboard goes to the nearest node that is left. */
export function deleteSelected(session: Session, heal = false): void {
  const { selection, document } = session.state;
  const { nodes, edges } = selection;
  const count = nodes.size + edges.size;
  if (count === 0) return;
  const [edgeId] = edges;
  const source = document.edges.find((edge) => edge.id === edgeId)?.from ?? null;
  const next = nodes.size ? nearestLeft(document, nodes) : source;
  const what = nodes.size === 1 ? [...nodes][0] : count === 1 ? "connection" : `${count} things`;
  if (!session.edit(edits.remove(nodes, edges, heal), `Deleted ${what}. Undo with Ctrl+Z`)) return;
  if (next) session.goTo(next);
  else session.focus("");
}

/** The selected nodes as text for the clipboard; null when none is selected. */
export function clipText(session: Session): string | null {
  const clip = copy(session.document, session.state.selection.nodes);
  return clip && JSON.stringify(clip, null, 1);
}

/** Paste a text if it holds nodes. True when it did. */
export function pasteText(session: Session, text: string, beside = false): boolean {
  const clip = session.canEdit ? readClip(text) : null;
  if (!clip) return false;
  const at = beside ? null : (session.camera?.centre() ?? null);
  const place = at && ([Math.round(at[0] / 8) * 8 - 104, Math.round(at[1] / 8) * 8 - 32] as const);
  const { command, ids } = edits.pasteClip(session.document, clip, place);
  const count = `${ids.length} ${ids.length === 1 ? "step" : "steps"}`;
  if (!command || !session.edit(() => command, `Pasted ${count}`)) return false;
  session.select(selectNodes(ids));
  if (ids[0] !== undefined) session.focus(ids[0]);
  return true;
}

export function duplicate(session: Session): void {
  const text = clipText(session);
  if (text) pasteText(session, text, true);
}

export function selectAll(session: Session): void {
  const { document, selection } = session.state;
  const ids = Object.keys(document.nodes);
  const focus = selection.focus?.kind === "node" ? selection.focus.id : ids[0];
  session.select(selectNodes(ids, focus));
  session.say(`${ids.length} steps selected`);
}
