import type { NodeStatus } from "../model/runstate";
import { Keyed } from "./keyed";
import type { Decision, RunError } from "./payloads";

/** One visit of a node, from its first try to its end. */
export interface Activation {
  readonly node: string;
  /** Its number within the run; 0 while it waits for its turn. */
  readonly act: number;
  /** Which visit of its node it is, from 1. */
  readonly visit: number;
  readonly status: NodeStatus;
  /** How many tries were started; 0 while it waits for its turn. */
  readonly tries: number;
  /** The ways in whose tokens a join took; null when the node is no join. */
  readonly via: readonly string[] | null;
  readonly startedSeq: number;
  readonly startedAt: string;
  /** Where it ended, or null while it runs. */
  readonly endedSeq: number | null;
  readonly endedAt: string | null;
  /** Milliseconds of the last try. */
  readonly ms: number | null;
  readonly error: RunError | null;
  /** The keys it wrote. */
  readonly wrote: readonly string[];
  /** What it decided for the edges that leave its node. */
  readonly decisions: readonly Decision[];
  /** The run of another workflow that works for it, if one does. */
  readonly child: string | null;
}

/** Everything a run did to one node. */
export interface NodeView {
  readonly status: NodeStatus;
  /** Visits that succeeded. */
  readonly count: number;
  readonly ms: number | null;
  readonly activations: readonly Activation[];
}

/** A decision and the place in the journal where it was made. */
export interface Passage extends Decision {
  readonly seq: number;
  readonly act: number;
}

export interface EdgeView {
  readonly taken: number;
  readonly skipped: number;
  readonly passages: readonly Passage[];
}

/** A run as its journal tells it, up to and with event `seq`. */
export interface RunView {
  readonly seq: number;
  readonly status: string;
  readonly error: RunError | null;
  /** Why the run is paused or was cancelled, in words. */
  readonly reason: string | null;
  readonly createdAt: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Time of the last event. */
  readonly at: string | null;
  /** Nodes that were touched; the others are idle. */
  readonly nodes: Keyed<NodeView>;
  readonly edges: Keyed<EdgeView>;
  /** Visits that ended, of all nodes. */
  readonly steps: number;
}

export const EMPTY_VIEW: RunView = {
  seq: 0,
  status: "queued",
  error: null,
  reason: null,
  createdAt: null,
  startedAt: null,
  endedAt: null,
  at: null,
  nodes: new Keyed(),
  edges: new Keyed(),
  steps: 0,
};

const ENDED: ReadonlySet<string> = new Set(["completed", "failed", "cancelled"]);

export function hasEnded(status: string): boolean {
  return ENDED.has(status);
}

/** That visit of a node, from 1, or its last one. */
export function findVisit(
  view: RunView,
  node: string,
  visit: number | null,
): Activation | undefined {
  return view.nodes.get(node)?.activations.at(visit === null ? -1 : visit - 1);
}
