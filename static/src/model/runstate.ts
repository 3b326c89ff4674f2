/** What a run did to each node and edge, in the few words the canvas shows. */
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

export const STATUS_WORDS: Readonly<Record<NodeStatus, string>> = {
  idle: "not run",
  queued: "queued",
  running: "running",
  ok: "done",
  error: "failed",
  waiting: "waiting",
  skipped: "skipped",
  cancelled: "cancelled",
};
