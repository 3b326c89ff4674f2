import type { RunEvent } from "../live/events";
import type { NodeStatus } from "../model/runstate";
import type { Keyed } from "./keyed";
import { isUnknown, readDecisions, readError, readNumber, readOps, readText } from "./payloads";
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
    else if (event.node) this.#takeStep(event, event.node);
    if (Array.isArray(event.data.withdrawn) && event.data.withdrawn.length > 0)
      this.#withdraw(new Set(event.data.withdrawn));
  }

  finish(): RunView {
    const nodes = this.#view.nodes.with(this.#nodes);
    const edges = this.#view.edges.with(this.#edges);
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
    if (event.k === "run.failed" || event.k === "run.paused")
      view.error = readError(event.data.error);
    if (event.k === "run.resumed") view.error = null;
    view.endedAt = hasEnded(view.status) ? event.ts : null;
  }

  #takeStep(event: RunEvent, node: string): void {
    if (event.k === "attempt.started" || event.k === "child.started") this.#start(event, node);
    else if (event.k === "child.dropped") this.#end(event, node, "cancelled");
    else if (event.k === "wait.opened") this.#wait(event, node, "waiting");
    else if (event.k === "wait.closed") this.#wait(event, node, "queued");
    else if (event.k.startsWith("join.")) this.#ready(event, node);
    else if (event.k === "outcome.decided") this.#wait(event, node, "queued");
    else if (event.k === "attempt.lost") this.#end(event, node, afterLoss(event));
    else if (event.data.retry_at) this.#end(event, node, "queued");
    else if (event.k in ATTEMPT_END) this.#end(event, node, ATTEMPT_END[event.k] ?? "error");
  }

  /** A join took its tokens: its node waits for its turn. */
  #ready(event: RunEvent, id: string): void {
    const node = this.#node(id);
    const via = Array.isArray(event.data.edges) ? event.data.edges.map(String) : [];
    node.activations.push({ ...begin(event, node), act: 0, status: "queued", tries: 0, via });
    if (node.status !== "running") node.status = "queued";
  }

  #start(event: RunEvent, id: string): void {
    const node = this.#node(id);
    const at = placeOf(node.activations, event.act);
    const known = node.activations[at];
    const fresh = begin(event, node);
    node.status = "running";
    this.#view.startedAt ??= event.ts;
    if (!known) node.activations.push(fresh);
    else if (known.tries === 0)
      node.activations[at] = { ...fresh, visit: known.visit, via: known.via };
    else
      node.activations[at] = {
        ...known,
        status: "running",
        tries: fresh.tries,
        child: fresh.child ?? known.child,
      };
  }

  /** A visit waits for something outside, or what it waited for came and its step follows. */
  #wait(event: RunEvent, id: string, status: "waiting" | "queued"): void {
    const node = this.#node(id);
    const at = placeOf(node.activations, event.act);
    const known = node.activations[at];
    this.#view.startedAt ??= event.ts;
    if (status === "queued" && this.#view.status === "waiting") this.#view.status = "running";
    if (!known) node.activations.push({ ...begin(event, node), status });
    else node.activations[at] = { ...known, status, act: event.act ?? known.act };
    if (node.status !== "running") node.status = status;
    if (known?.status === "running" && node.activations.every((each) => each.status !== "running"))
      node.status = status;
  }

  /** Branches that were given up: what they waited for or worked on ends here. */
  #withdraw(acts: ReadonlySet<unknown>): void {
    for (const [id, node] of this.#view.nodes.with(this.#nodes).entries()) {
      if (!node.activations.some((each) => acts.has(each.act) && STILL_OPEN.has(each.status)))
        continue;
      const copy = this.#node(id);
      copy.activations = copy.activations.map((each) => (acts.has(each.act) ? close(each) : each));
      if (!copy.activations.some((each) => STILL_OPEN.has(each.status))) copy.status = "cancelled";
    }
  }

  #end(event: RunEvent, id: string, status: NodeStatus): void {
    const node = this.#node(id);
    const at = placeOf(node.activations, event.act);
    const ended = endOf(node.activations[at] ?? begin(event, node), event, status);
    if (at < 0) node.activations.push(ended);
    else node.activations[at] = ended;
    node.status = node.activations.some((each) => each.status === "running") ? "running" : status;
    node.ms = ended.ms ?? node.ms;
    if (status === "ok") node.count += 1;
    if (ended.endedSeq !== null) this.#view.steps += 1;
    for (const decision of ended.decisions) {
      this.#pass({ ...decision, seq: event.seq, act: ended.act });
    }
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
    const old = this.#view.nodes.get(id) ?? BLANK_NODE;
    const copy = { ...old, activations: [...old.activations] };
    this.#nodes.set(id, copy);
    return copy;
  }

  #edge(id: string) {
    const open = this.#edges.get(id);
    if (open) return open;
    const old = this.#view.edges.get(id) ?? BLANK_EDGE;
    const copy = { ...old, passages: [...old.passages] };
    this.#edges.set(id, copy);
    return copy;
  }
}

function begin(event: RunEvent, node: { readonly activations: readonly unknown[] }): Activation {
  const visit = node.activations.length + 1;
  return {
    node: event.node ?? "",
    act: event.act ?? 0,
    visit,
    status: "running",
    tries: event.att ?? 1,
    via: null,
    startedSeq: event.seq,
    startedAt: event.ts,
    endedSeq: null,
    endedAt: null,
    ms: null,
    error: null,
    wrote: [],
    decisions: [],
    child: readText(event.data.run),
  };
}

/** A visit after one of its tries ended; it stays open while another try is to come. */
function endOf(old: Activation, event: RunEvent, status: NodeStatus): Activation {
  const open = STILL_OPEN.has(status);
  return {
    ...old,
    status,
    tries: event.att ?? Math.max(1, old.tries),
    endedSeq: open ? null : event.seq,
    endedAt: open ? null : event.ts,
    act: event.act ?? old.act,
    ms:
      readNumber(event.data.ms) ??
      (old.startedSeq < event.seq ? between(old.startedAt, event.ts) : null),
    error: readError(event.data.error) ?? (status === "ok" ? null : old.error),
    wrote: [...new Set(readOps(event.data).map((op) => op.key))],
    decisions: readDecisions(event.data),
  };
}

/**
 * Where the visit with that number stands. A join's visit gets its number only when it starts, so
 * a number nobody has yet belongs to the oldest that waits.
 */
function placeOf(activations: readonly Activation[], act: number | null): number {
  if (act === null) return activations.length - 1;
  const known = activations.findLastIndex((each) => each.act === act);
  return known >= 0 ? known : activations.findIndex((each) => each.tries === 0);
}

/** A lost attempt is tried again, waits for a person, or was the last one. */
function afterLoss(event: RunEvent): NodeStatus {
  if (isUnknown(event.data)) return "waiting";
  return event.data.error ? "error" : "queued";
}

function between(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}

/** When a run has ended nothing is under way any more. */
function settle(nodes: Keyed<NodeView>): Keyed<NodeView> {
  const settled = new Map<string, NodeView>();
  for (const [id, node] of nodes.entries()) {
    if (STILL_OPEN.has(node.status))
      settled.set(id, {
        ...node,
        status: "cancelled",
        activations: node.activations.map(close),
      });
  }
  return nodes.with(settled);
}

function close(activation: Activation): Activation {
  return STILL_OPEN.has(activation.status) ? { ...activation, status: "cancelled" } : activation;
}
