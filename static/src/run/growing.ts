import type { RunEvent } from "../live/events";

/**
 * What a journal comes to, kept for each list of events: a list that has grown is read on from
 * where it was left, as it is looked at with each event and with each turn of the clock.
 */
export function growing<T>(
  begin: () => T,
  take: (found: T, event: RunEvent) => void,
): (events: readonly RunEvent[]) => T {
  const kept = new WeakMap<readonly RunEvent[], { read: number; readonly found: T }>();
  return (events) => {
    const place = kept.get(events) ?? { read: 0, found: begin() };
    kept.set(events, place);
    for (; place.read < events.length; place.read += 1) {
      const event = events[place.read];
      if (event) take(place.found, event);
    }
    return place.found;
  };
}

type Open = Map<number | null, RunEvent>;

/** Events that open something and are still open, by their visit; a branch given up ends its own. */
export function stillOpen(take: (open: Open, event: RunEvent) => void) {
  const found = growing(
    (): Open => new Map(),
    (open, event) => {
      take(open, event);
      const gone = event.data.withdrawn;
      if (Array.isArray(gone)) for (const act of gone) open.delete(act);
    },
  );
  return (events: readonly RunEvent[]): RunEvent[] => [...found(events).values()];
}
