import type { RunItem } from "./boot";
import { useNow } from "./useRun";
import { hasEnded, type RunView } from "./view";
import { duration } from "./words";

/** A run that goes on counts tenths of a second: so often, in milliseconds. */
const TICK_MS = 250;

/** How long the run took, or takes so far; nothing before it started. */
export function Took({ view, run }: { view: RunView; run: RunItem }) {
  const now = useNow(!hasEnded(view.status), TICK_MS);
  const took = lengthOf(view, run, now);
  return took === null ? null : <span className="number">{duration(took)}</span>;
}

function lengthOf(view: RunView, run: RunItem, now: number): number | null {
  if (view.startedAt === null) return run.duration_ms;
  const from = Date.parse(view.startedAt);
  const to = view.endedAt ? Date.parse(view.endedAt) : Math.max(now, Date.parse(view.at ?? ""));
  return Math.max(0, to - from);
}
