import type { NodeStatus } from "../model/runstate";
import type { Activation, RunView } from "./view";

/** One visit on the timeline. `from` and `to` are shares of the whole width, 0 to 1. */
export interface Bar {
  readonly key: string;
  readonly node: string;
  readonly visit: number;
  readonly status: NodeStatus;
  readonly from: number;
  readonly to: number;
  readonly lane: number;
  /** Where the visit ended, or began while it runs. */
  readonly seq: number;
  readonly ms: number | null;
}

export interface Timeline {
  readonly bars: readonly Bar[];
  readonly lanes: number;
  /** Milliseconds from the first event to the last. */
  readonly length: number;
}

/**
 * Lay the visits of a run on a time axis. Visits that overlap lie in different lanes, and each
 * takes the uppermost that is free. `now` is the end of the axis, in milliseconds since 1970.
 */
export function timeline(view: RunView, now: number): Timeline {
  const start = Date.parse(view.createdAt ?? view.startedAt ?? "");
  if (Number.isNaN(start)) return { bars: [], lanes: 0, length: 0 };
  const length = Math.max(1, now - start);
  const free: number[] = [];
  const bars = visits(view).map((visit) => {
    const from = Date.parse(visit.startedAt);
    const to = visit.endedAt ? Date.parse(visit.endedAt) : now;
    const lane = takeLane(free, from, to);
    return barOf(visit, (from - start) / length, (to - start) / length, lane);
  });
  return { bars, lanes: free.length, length };
}

function visits(view: RunView): Activation[] {
  const all = Object.values(view.nodes).flatMap((node) => node.activations);
  return all.sort((a, b) => a.startedSeq - b.startedSeq);
}

/** The first lane whose last visit is over; `free` holds when each lane becomes free. */
function takeLane(free: number[], from: number, to: number): number {
  const lane = free.findIndex((until) => until <= from);
  const chosen = lane < 0 ? free.length : lane;
  free[chosen] = to;
  return chosen;
}

function barOf(visit: Activation, from: number, to: number, lane: number): Bar {
  const clamp = (share: number) => Math.min(1, Math.max(0, share));
  return {
    key: `${visit.node}#${visit.visit}`,
    node: visit.node,
    visit: visit.visit,
    status: visit.status,
    from: clamp(from),
    to: clamp(to),
    lane,
    seq: visit.endedSeq ?? visit.startedSeq,
    ms: visit.ms,
  };
}
