/** What a run did to each node and edge, folded from its events. The same for live and for replay. */
export interface RunEvent {
  readonly seq: number;
  readonly ts: string;
  readonly k: string;
  readonly node: string | null;
  readonly act?: number | null;
  readonly att?: number | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export type NodeStatus =
  | "idle"
  | "queued"
  | "running"
  | "ok"
  | "error"
  | "waiting"
  | "skipped"
  | "cancelled";

export interface NodeState {
  readonly status: NodeStatus;
  /** Finished activations. */
  readonly count: number;
  /** How long the last attempt took, in milliseconds. */
  readonly ms: number | null;
}

export interface EdgeState {
  readonly taken: number;
  readonly skipped: number;
  /** Why it was last taken or not, in words. */
  readonly reason: string | null;
}

export interface RunState {
  readonly status: string;
  readonly nodes: Readonly<Record<string, NodeState>>;
  readonly edges: Readonly<Record<string, EdgeState>>;
  readonly seq: number;
  readonly error: string | null;
}

export const NOT_RUN: RunState = { status: "queued", nodes: {}, edges: {}, seq: 0, error: null };
const IDLE: NodeState = { status: "idle", count: 0, ms: null };
const UNTOUCHED: EdgeState = { taken: 0, skipped: 0, reason: null };
const ENDED = new Set(["completed", "failed", "cancelled"]);

export function hasEnded(status: string): boolean {
  return ENDED.has(status);
}

/** The state after more events; those already folded in (`seq` not above the last) are ignored. */
export function foldEvents(state: RunState, events: readonly RunEvent[]): RunState {
  const fresh = events.filter((event) => event.seq > state.seq);
  if (fresh.length === 0) return state;
  const nodes = { ...state.nodes };
  const edges = { ...state.edges };
  let { status, error } = state;
  for (const event of fresh) {
    const [area, verb] = event.k.split(".", 2);
    if (area === "run") {
      status = RUN_STATUS[verb ?? ""] ?? status;
      if (verb === "failed") error = messageOf(event.data.error);
    }
    if (area === "attempt" && event.node) {
      nodes[event.node] = attempt(nodes[event.node] ?? IDLE, verb ?? "", event);
      for (const decision of decisions(event)) {
        edges[decision.edge] = decide(edges[decision.edge] ?? UNTOUCHED, decision);
      }
    }
  }
  const seq = fresh.at(-1)?.seq ?? state.seq;
  return { status, error, seq, edges, nodes: hasEnded(status) ? settle(nodes) : nodes };
}

const RUN_STATUS: Readonly<Record<string, string>> = {
  created: "queued",
  claimed: "running",
  resumed: "running",
  paused: "paused",
  waiting: "waiting",
  cancel_requested: "cancelling",
  completed: "completed",
  failed: "failed",
  cancelled: "cancelled",
};

const AFTER_ATTEMPT: Readonly<Record<string, NodeStatus>> = {
  started: "running",
  succeeded: "ok",
  failed: "error",
  timed_out: "error",
  cancelled: "cancelled",
  lost: "queued",
  waiting: "waiting",
};

function attempt(old: NodeState, verb: string, event: RunEvent): NodeState {
  const retries = verb === "failed" && event.data.retry_at !== undefined && event.data.retry_at;
  const status = retries ? "queued" : (AFTER_ATTEMPT[verb] ?? old.status);
  const ms = typeof event.data.ms === "number" ? event.data.ms : old.ms;
  return { status, ms, count: old.count + (verb === "succeeded" ? 1 : 0) };
}

interface Decision {
  readonly edge: string;
  readonly taken: boolean;
  readonly reason?: unknown;
  readonly when?: unknown;
}

function decisions(event: RunEvent): Decision[] {
  const list = event.data.edges;
  if (!Array.isArray(list)) return [];
  return list.filter(
    (each): each is Decision => typeof each?.edge === "string" && typeof each.taken === "boolean",
  );
}

function decide(old: EdgeState, decision: Decision): EdgeState {
  const words = decision.reason ?? decision.when;
  return {
    taken: old.taken + (decision.taken ? 1 : 0),
    skipped: old.skipped + (decision.taken ? 0 : 1),
    reason: typeof words === "string" ? words : old.reason,
  };
}

/** When a run has ended nothing is under way any more. */
function settle(nodes: Record<string, NodeState>): Record<string, NodeState> {
  const still = new Set<NodeStatus>(["queued", "running", "waiting"]);
  return Object.fromEntries(
    Object.entries(nodes).map(([id, node]) => [
      id,
      still.has(node.status) ? { ...node, status: "cancelled" as const } : node,
    ]),
  );
}

function messageOf(error: unknown): string | null {
  if (typeof error === "string") return error;
  if (typeof error !== "object" || error === null) return null;
  const { message, code } = error as { message?: unknown; code?: unknown };
  return typeof message === "string" ? message : typeof code === "string" ? code : null;
}
