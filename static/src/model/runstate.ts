/** What a run did to each node and edge, in the few words the canvas shows. */
import { tp } from "../words/t";
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
  /** Nothing was decided about it yet, and the run goes on. */
  readonly open?: boolean;
}

/** What a group is told to be: what most wants to be looked at. */
const TELLING: readonly NodeStatus[] = ["error", "waiting", "running", "queued", "cancelled"];

/** One status for several nodes. */
export function tellingOf(all: readonly NodeStatus[]): NodeStatus {
  const told = TELLING.find((status) => all.includes(status));
  if (told) return told;
  if (all.includes("ok")) return "ok";
  return all.includes("skipped") ? "skipped" : "idle";
}

export const STATUS_WORDS: Readonly<Record<NodeStatus, string>> = {
  idle: tp("status", "not run"),
  queued: tp("status", "queued"),
  running: tp("status", "running"),
  ok: tp("status", "done"),
  error: tp("status", "failed"),
  waiting: tp("status", "waiting"),
  skipped: tp("status", "skipped"),
  cancelled: tp("status", "cancelled"),
};
