import type { RunStates, Touched } from "../canvas/board";
import type { GraphDocument } from "../model/document";
import type { EdgeState, NodeState } from "../model/runstate";
import type { EdgeView, NodeView, Passage, RunView } from "./view";
import { hasEnded } from "./view";
import { decisionInWords } from "./words";

const IDLE: NodeState = { status: "idle", count: 0, ms: null };
const PASSED_BY: EdgeState = { taken: 0, skipped: 0, reason: null };
/** Not on the way yet: neither taken nor passed by. */
const OPEN: EdgeState = { ...PASSED_BY, open: true };
const SKIPPED: NodeState = { status: "skipped", count: 0, ms: null };

const nodeCache = new WeakMap<NodeView, NodeState>();
const edgeCache = new WeakMap<EdgeView, EdgeState>();

/**
 * What the canvas shows of a view, looked up where it is drawn: a graph may have thousands of nodes
 * of which an event touches one. The state of what no event touched stays the same object.
 */
export function runStates(view: RunView): RunStates {
  return new ViewStates(view);
}

class ViewStates implements RunStates {
  readonly #view: RunView;
  /** A node no token reached is skipped once the run is over. */
  readonly #ended: boolean;

  constructor(view: RunView) {
    this.#view = view;
    this.#ended = hasEnded(view.status);
  }

  node(id: string): NodeState {
    const node = this.#view.nodes.get(id);
    if (node) return remembered(nodeCache, node, nodeState);
    return this.#ended ? SKIPPED : IDLE;
  }

  /** How often it was taken, and why it last was or was not. */
  edge(id: string): EdgeState {
    const edge = this.#view.edges.get(id);
    if (edge) return remembered(edgeCache, edge, edgeState);
    return this.#ended ? PASSED_BY : OPEN;
  }

  since(before: RunStates): Touched | null {
    if (!(before instanceof ViewStates) || before.#ended !== this.#ended) return null;
    return {
      nodes: this.#view.nodes.differing(before.#view.nodes),
      edges: this.#view.edges.differing(before.#view.edges),
    };
  }
}

/** Node states of a whole document, for lists. */
export function nodeStates(view: RunView, document: GraphDocument): Record<string, NodeState> {
  const states = runStates(view);
  const ids = Object.keys(document.nodes);
  return Object.fromEntries(ids.map((id) => [id, states.node(id)]));
}

/** Edge states of a whole document, for lists. */
export function edgeStates(view: RunView, document: GraphDocument): Record<string, EdgeState> {
  const states = runStates(view);
  return Object.fromEntries(document.edges.map(({ id }) => [id, states.edge(id)]));
}

function nodeState({ status, count, ms }: NodeView): NodeState {
  return { status, count, ms };
}

function edgeState({ taken, skipped, passages }: EdgeView): EdgeState {
  const last: Passage | undefined = passages.at(-1);
  const reason = last?.when || last?.reason ? decisionInWords(last) : null;
  return { taken, skipped, reason };
}

function remembered<K extends object, V>(cache: WeakMap<K, V>, key: K, make: (key: K) => V): V {
  const known = cache.get(key);
  if (known) return known;
  const made = make(key);
  cache.set(key, made);
  return made;
}
