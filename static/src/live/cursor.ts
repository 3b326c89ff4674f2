import type { RunEvent } from "./events";

/**
 * Where a reader stands in one journal. It lets every event through once and in order: what was
 * seen is dropped, what does not join on is a gap and nothing of it is taken.
 */
export class Cursor {
  #last: number;

  constructor(after: number) {
    this.#last = after;
  }

  /** The last position that was let through. */
  get last(): number {
    return this.#last;
  }

  /** Take a frame that covers `from`..`to` completely; null means a gap. */
  takeRange(from: number, to: number, events: readonly RunEvent[]): readonly RunEvent[] | null {
    if (to <= this.#last) return [];
    if (from > this.#last + 1 || !covers(from, to, events)) return null;
    return this.#advance(events);
  }

  /** Take a page of the API, which leaves nothing out but what was pruned. */
  takePage(events: readonly RunEvent[]): readonly RunEvent[] {
    return this.#advance(events);
  }

  /** Older events were pruned: go on at `first`. True when something was jumped over. */
  skipTo(first: number): boolean {
    if (first <= this.#last + 1) return false;
    this.#last = first - 1;
    return true;
  }

  #advance(events: readonly RunEvent[]): readonly RunEvent[] {
    const fresh: RunEvent[] = [];
    for (const event of events) {
      if (event.seq <= this.#last) continue;
      fresh.push(event);
      this.#last = event.seq;
    }
    return fresh;
  }
}

function covers(from: number, to: number, events: readonly RunEvent[]): boolean {
  return (
    events.length === to - from + 1 && events.every((event, index) => event.seq === from + index)
  );
}
