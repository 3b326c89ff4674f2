import type { GraphDocument } from "../model/document";
import { visitsInOrder } from "./order";
import type { RunRecord } from "./record";
import type { RouteState } from "./route";
import { type Activation, findVisit, hasEnded, type RunView } from "./view";

/** What the page looks at: a moment of the run, and a node with one of its visits. */
export interface Focus {
  /** The run as it was at the moment shown. */
  readonly view: RunView;
  /** The moment, or null while the page follows the run. */
  readonly seq: number | null;
  readonly node: string | null;
  readonly visit: Activation | null;
  /** The position whose state belongs to this focus. */
  readonly stateSeq: number;
  /** The node was chosen, not only guessed from the moment. */
  readonly chosen: boolean;
}

/** Work out what to show from the address and the journal. */
export function focusOf(record: RunRecord, route: RouteState, document: GraphDocument): Focus {
  const seq = route.seq === null ? null : Math.min(route.seq, record.last);
  const view = seq === null ? record.head : record.at(seq);
  const named = route.node !== null && Object.hasOwn(document.nodes, route.node);
  const node = named ? route.node : guessNode(record, view, seq);
  const visit = node === null ? null : (findVisit(view, node, named ? route.visit : null) ?? null);
  const stateSeq = (named ? visit?.endedSeq : null) ?? seq ?? record.last;
  return { view, seq, node, visit, stateSeq, chosen: named };
}

/** Without a choice: the node of the moment, else where it failed, else the newest visit. */
function guessNode(record: RunRecord, view: RunView, seq: number | null): string | null {
  const moment = seq === null ? null : (record.find(seq)?.node ?? null);
  if (moment !== null) return moment;
  if (view.error?.node) return view.error.node;
  if (seq === null && hasEnded(view.status) && view.status === "failed") return failedNode(view);
  return newestNode(view);
}

function failedNode(view: RunView): string | null {
  for (const [id, node] of view.nodes.entries()) if (node.status === "error") return id;
  return null;
}

function newestNode(view: RunView): string | null {
  return visitsInOrder(view).at(-1)?.node ?? null;
}
