import type { RunEvent } from "../live/events";
import type { NodeStatus } from "../model/runstate";
import { readDecisions, readError, readNumber, readOps, readText } from "./payloads";
import {
  type Activation,
  type EdgeView,
  hasEnded,
  type NodeView,
  type Passage,
  type RunView,
} from "./view";

/**
 * The view after more events. Pure: the given view is never changed. Parts no event touched are
 * shared with it, and events up to `view.seq` are left out.
 */
export function fold(view: RunView, events: readonly RunEvent[]): RunView {
  const fresh = events.filter((event) => event.seq > view.seq);
  if (fresh.length === 0) return view;
  const draft = new Draft(view);
  for (const event of fresh) draft.take(event);
  return draft.finish();
}

const RUN_STATUS: Readonly<Record<string, string>> = {
  "run.created": "queued",
  "run.claimed": "running",
  "run.resumed": "running",
  "run.waiting": "waiting",
  "run.paused": "paused",
  "run.cancel_requested": "cancelling",
  "run.completed": "completed",
  "run.failed": "failed",
  "run.cancelled": "cancelled",
};

const ATTEMPT_END: Readonly<Record<string, NodeStatus>> = {
  "attempt.succeeded": "ok",
  "attempt.failed": "error",
  "attempt.timed_out": "error",
  "attempt.cancelled": "cancelled",
  "attempt.lost": "queued",
};

const STILL_OPEN: ReadonlySet<NodeStatus> = new Set(["queued", "running", "waiting"]);

const BLANK_NODE: NodeView = { status: "idle", count: 0, ms: null, activations: [] };
const BLANK_EDGE: EdgeView = { taken: 0, skipped: 0, passages: [] };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Collects a batch of events; each node and edge is copied once, when first touched. */
class Draft {
  readonly #view: Mutable<RunView>;
  readonly #nodes = new Map<string, Mutable<NodeView> & { activations: Activation[] }>();
  readonly #edges = new Map<string, Mutable<EdgeView> & { passages: Passage[] }>();

  constructor(view: RunView) {
    this.#view = { ...view };
  }

  take(event: RunEvent): void {
    this.#view.seq = event.seq;
    this.#view.at = event.ts;
    if (event.k.startsWith("run.")) this.#takeRun(event);
    else if (event.k.startsWith("attempt.") && event.node) this.#takeAttempt(event, event.node);
  }

  finish(): RunView {
    const nodes = { ...this.#view.nodes, ...Object.fromEntries(this.#nodes) };
    const edges = { ...this.#view.edges, ...Object.fromEntries(this.#edges) };
    return {
      ...this.#view,
      nodes: hasEnded(this.#view.status) ? settle(nodes) : nodes,
      edges,
    };
  }

  #takeRun(event: RunEvent): void {
    const view = this.#view;
    view.status = RUN_STATUS[event.k] ?? view.status;
    view.reason = readText(event.data.reason);
    if (event.k === "run.created") view.createdAt = event.ts;
    if (event.k === "run.claimed") view.startedAt ??= event.ts;
    if (event.k === "run.failed") view.error = readError(event.data.error);
    if (event.k === "run.resumed") view.error = null;
    view.endedAt = hasEnded(view.status) ? event.ts : null;
  }

  #takeAttempt(event: RunEvent, node: string): void {
    if (event.k === "attempt.started") this.#start(event, node);
    else if (event.k === "attempt.waiting") this.#park(event, node);
    else if (event.k in ATTEMPT_END) this.#end(event, node, ATTEMPT_END[event.k] ?? "error");
  }

  #start(event: RunEvent, id: string): void {
    const node = this.#node(id);
    const act = event.act ?? node.activations.length + 1;
    const at = indexOf(node.activations, act);
    const known = node.activations[at];
    node.status = "running";
    this.#view.startedAt ??= event.ts;
    if (!known) node.activations.push(begin(event, id, act));
    else {
      const tries = event.att ?? known.tries + 1;
      node.activations[at] = { ...known, status: "running", tries, endedSeq: null, endedAt: null };
    }
  }

  #park(event: RunEvent, id: string): void {
    const node = this.#node(id);
    const at = indexOf(node.activations, event.act ?? node.activations.length);
    const known = node.activations[at];
    node.status = "waiting";
    if (known) node.activations[at] = { ...known, status: "waiting" };
  }

  #end(event: RunEvent, id: string, status: NodeStatus): void {
    const node = this.#node(id);
    const act = event.act ?? Math.max(1, node.activations.length);
    const at = indexOf(node.activations, act);
    const old = node.activations[at] ?? begin(event, id, act);
    const retried = Boolean(event.data.retry_at) || status === "queued";
    const after = retried ? "queued" : status;
    const ended = endOf(old, event, after, retried);
    if (at < 0) node.activations.push(ended);
    else node.activations[at] = ended;
    node.status = stillRunning(node.activations) ? "running" : after;
    node.ms = ended.ms ?? node.ms;
    if (status === "ok") node.count += 1;
    if (!retried) this.#view.steps += 1;
    for (const decision of ended.decisions) this.#pass({ ...decision, seq: event.seq, act });
  }

  #pass(passage: Passage): void {
    const edge = this.#edge(passage.edge);
    edge.passages.push(passage);
    if (passage.taken) edge.taken += 1;
    else edge.skipped += 1;
  }

  #node(id: string) {
    const open = this.#nodes.get(id);
    if (open) return open;
    const old = this.#view.nodes[id] ?? BLANK_NODE;
    const copy = { ...old, activations: [...old.activations] };
    this.#nodes.set(id, copy);
    return copy;
  }

  #edge(id: string) {
    const open = this.#edges.get(id);
    if (open) return open;
    const old = this.#view.edges[id] ?? BLANK_EDGE;
    const copy = { ...old, passages: [...old.passages] };
    this.#edges.set(id, copy);
    return copy;
  }
}

function begin(event: RunEvent, node: string, act: number): Activation {
  return {
    node,
    act,
    status: "running",
    tries: event.att ?? 1,
    startedSeq: event.seq,
    startedAt: event.ts,
    endedSeq: null,
    endedAt: null,
    ms: null,
    error: null,
    wrote: [],
    decisions: [],
  };
}

function endOf(old: Activation, event: RunEvent, status: NodeStatus, retried: boolean): Activation {
  return {
    ...old,
    status,
    tries: event.att ?? old.tries,
    endedSeq: retried ? null : event.seq,
    endedAt: retried ? null : event.ts,
    ms: readNumber(event.data.ms) ?? between(old.startedAt, event.ts),
    error: status === "ok" ? null : (readError(event.data.error) ?? old.error),
    wrote: [...new Set(readOps(event.data).map((op) => op.key))],
    decisions: readDecisions(event.data),
  };
}

/** Visits are in order and mostly the last one is meant. */
function indexOf(activations: readonly Activation[], act: number): number {
  return activations.findLastIndex((each) => each.act === act);
}

function stillRunning(activations: readonly Activation[]): boolean {
  return activations.some((each) => each.status === "running");
}

function between(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}

/** When a run has ended nothing is under way any more. */
function settle(nodes: Record<string, NodeView>): Record<string, NodeView> {
  return Object.fromEntries(
    Object.entries(nodes).map(([id, node]) => [
      id,
      STILL_OPEN.has(node.status)
        ? { ...node, status: "cancelled", activations: node.activations.map(close) }
        : node,
    ]),
  );
}

function close(activation: Activation): Activation {
  return STILL_OPEN.has(activation.status) ? { ...activation, status: "cancelled" } : activation;
}
