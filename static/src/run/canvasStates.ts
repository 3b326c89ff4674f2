import type { GraphDocument } from "../model/document";
import type { EdgeState, NodeState } from "../model/runstate";
import type { Passage, RunView } from "./view";
import { hasEnded } from "./view";
import { decisionInWords } from "./words";

const IDLE: NodeState = { status: "idle", count: 0, ms: null };
const SKIPPED: NodeState = { status: "skipped", count: 0, ms: null };

/** Node states for the canvas. A node no token reached is skipped once the run is over. */
export function nodeStates(view: RunView, document: GraphDocument): Record<string, NodeState> {
  const untouched = hasEnded(view.status) ? SKIPPED : IDLE;
  return Object.fromEntries(
    Object.keys(document.nodes).map((id) => {
      const node = view.nodes[id];
      return [id, node ? { status: node.status, count: node.count, ms: node.ms } : untouched];
    }),
  );
}

/** Edge states for the canvas: how often each was taken and why it last was or was not. */
export function edgeStates(view: RunView, document: GraphDocument): Record<string, EdgeState> {
  return Object.fromEntries(
    document.edges.map((edge) => {
      const seen = view.edges[edge.id];
      const last: Passage | undefined = seen?.passages.at(-1);
      const reason = last?.when || last?.reason ? decisionInWords(last) : null;
      return [edge.id, { taken: seen?.taken ?? 0, skipped: seen?.skipped ?? 0, reason }];
    }),
  );
}
