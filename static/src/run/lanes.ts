import type { NodeStatus } from "../model/runstate";
import { visitsInOrder } from "./order";
import type { Activation, RunView } from "./view";

/** One visit on the timeline. Times are milliseconds since the first event. */
export interface Bar {
  readonly key: string;
  readonly node: string;
  readonly visit: number;
  readonly status: NodeStatus;
  readonly from: number;
  /** Null while it goes on. */
  readonly to: number | null;
  readonly lane: number;
  /** Where the visit ended, or began while it runs. */
  readonly seq: number;
  readonly ms: number | null;
}

export interface Timeline {
  /** Those of visits that no event touched are the same objects as before. */
  readonly bars: readonly Bar[];
  readonly lanes: number;
  /** How many steps these are visits of. */
  readonly steps: number;
  /** When the first event was, in milliseconds since 1970; null before it. */
  readonly start: number | null;
}

/**
 * Lay the visits of a run on a time axis. Visits that overlap lie in different lanes, and each
 * takes the uppermost that is free.
 */
export function timeline(view: RunView): Timeline {
  const start = Date.parse(view.createdAt ?? view.startedAt ?? "");
  if (Number.isNaN(start)) return { bars: [], lanes: 0, steps: 0, start: null };
  const visits = visitsInOrder(view);
  const base = newest?.start === start ? newest : null;
  const same = base ? Math.floor(shared(base.visits, visits) / STRIDE) : 0;
  const kept = Math.max(0, Math.min(same, (base?.free.length ?? 0) - 1));
  const free = [...(base?.free[kept] ?? [])];
  const frees = base?.free.slice(0, kept) ?? [];
  const bars = base?.bars.slice(0, kept * STRIDE) ?? [];
  for (let at = kept * STRIDE; at < visits.length; at += 1) {
    if (at % STRIDE === 0) frees.push([...free]);
    const visit = visits[at] as Activation;
    const { from, to } = timesOf(visit);
    bars.push(barOf(visit, start, takeLane(free, from, to ?? Infinity)));
  }
  newest = { start, visits, bars, free: frees };
  const steps = bars.reduce((count, bar) => count + (bar.visit === 1 ? 1 : 0), 0);
  return { bars, lanes: free.length, steps, start };
}

/** After each so many visits it is kept when each lane becomes free. */
const STRIDE = 64;

/**
 * The layout made last. An event changes a visit or adds one, mostly near the end: what stands
 * before it is laid out as it was.
 */
let newest: {
  readonly start: number;
  readonly visits: readonly Activation[];
  readonly bars: readonly Bar[];
  readonly free: readonly (readonly number[])[];
} | null = null;

/** How many visits two lists have in common at their beginning. */
function shared(one: readonly Activation[], other: readonly Activation[]): number {
  const most = Math.min(one.length, other.length);
  let count = 0;
  while (count < most && one[count] === other[count]) count += 1;
  return count;
}

/** How long the axis is up to a moment, in milliseconds. */
export const lengthUpTo = (end: number, start: number | null): number =>
  start === null ? 0 : Math.max(1, end - start);

interface Times {
  readonly from: number;
  readonly to: number | null;
}

const times = new WeakMap<Activation, Times>();

function timesOf(visit: Activation): Times {
  const known = times.get(visit);
  if (known) return known;
  const to = visit.endedAt ? Date.parse(visit.endedAt) : null;
  const read = { from: Date.parse(visit.startedAt), to };
  times.set(visit, read);
  return read;
}

/** The first lane whose last visit is over; `free` holds when each lane becomes free. */
function takeLane(free: number[], from: number, to: number): number {
  const lane = free.findIndex((until) => until <= from);
  const chosen = lane < 0 ? free.length : lane;
  free[chosen] = to;
  return chosen;
}

const bars = new WeakMap<Activation, Bar>();

function barOf(visit: Activation, start: number, lane: number): Bar {
  const { from, to } = timesOf(visit);
  const known = bars.get(visit);
  if (known?.lane === lane && known.from === Math.max(0, from - start)) return known;
  const made = {
    key: `${visit.node}#${visit.visit}`,
    node: visit.node,
    visit: visit.visit,
    status: visit.status,
    from: Math.max(0, from - start),
    to: to === null ? null : Math.max(0, to - start),
    lane,
    seq: visit.endedSeq ?? visit.startedSeq,
    ms: visit.ms,
  };
  bars.set(visit, made);
  return made;
}
