/** Delete, copy, paste and duplicate, as the keys and the menus do them. */
import { type Clip, copy, readClip } from "../model/clipboard";
import type { GraphDocument, Point } from "../model/document";
import * as edits from "../model/edits";
import { bounds, NODE_HEIGHT, NODE_WIDTH, sceneOf } from "../model/geometry";
import { nearest } from "../model/hit";
import { snap } from "../model/nodes";
import { roomFor } from "../model/room";
import { selectNodes } from "../model/selection";
import { t, tn } from "../words/t";
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
  if (!session.edit(edits.remove(nodes, edges, heal), deletedWords(nodes, count))) return;
  if (next) session.goTo(next);
  else session.focus("");
}

function deletedWords(nodes: ReadonlySet<string>, count: number): string {
  const [what = ""] = nodes;
  if (nodes.size === 1) return t("Deleted {what}. Undo with Ctrl+Z", { what });
  if (count === 1) return t("Deleted connection. Undo with Ctrl+Z");
  return t("Deleted {count} things. Undo with Ctrl+Z", { count });
}

/** The selected nodes as text for the clipboard; null when none is selected. */
export function clipText(session: Session): string | null {
  const clip = copy(session.document, session.state.selection.nodes);
  return clip && JSON.stringify(clip, null, 1);
}

const keeping = new WeakSet<Session>();

/** The paste that follows, of Ctrl+Shift+V, joins the copies to what the originals were joined to. */
export function keepLinksNext(session: Session): false {
  keeping.add(session);
  // Not to be kept from the browser: the paste event it sends is what carries the text.
  return false;
}

/** Where the upper left corner of a clip goes: its middle lies at a point, or near it where there is room. */
function cornerAround(document: GraphDocument, clip: Clip, middle: Point): Point {
  const places = Object.values(clip.layout);
  const boxes = places.map(([left, top]) => ({
    x: left,
    y: top,
    width: NODE_WIDTH,
    height: NODE_HEIGHT,
  }));
  const { width, height } = bounds(boxes) ?? { width: NODE_WIDTH, height: NODE_HEIGHT };
  return snap(roomFor(document, [width, height], middle));
}

/** Paste a text if it holds nodes. True when it did. */
export function pasteText(session: Session, text: string, beside = false): boolean {
  const links = keeping.delete(session);
  const clip = readClip(text);
  if (!clip || !session.mayEdit()) return false;
  const middle = beside ? null : (session.camera?.centre() ?? null);
  const place = middle && cornerAround(session.document, clip, middle);
  const { command, ids } = edits.pasteClip(session.document, clip, place, links);
  if (
    !command ||
    !session.edit(() => command, tn("Pasted {count} step", "Pasted {count} steps", ids.length))
  )
    return false;
  // The one in the middle takes the keyboard, so that the view stays where all of it is seen.
  const { boxes } = sceneOf(session.document);
  const pasted = new Map([...boxes].filter(([id]) => ids.includes(id)));
  const held = (middle && nearest(pasted, middle)) ?? ids[0];
  session.select(selectNodes(ids, held));
  if (held !== undefined) session.focus(held);
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
  session.say(tn("{count} step selected", "{count} steps selected", ids.length));
}
