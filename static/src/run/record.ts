import type { RunEvent } from "../live/events";
import { fold } from "./fold";
import { EMPTY_VIEW, type RunView } from "./view";

/** A view is kept each time so many more events were folded, so that any moment is near one. */
const STRIDE = 500;

/**
 * The journal of one run as far as the page has it, and the view at any place of it. Append-only;
 * a view of the past costs at most `STRIDE` events, however long the run is.
 */
export class RunRecord {
  readonly #events: RunEvent[] = [];
  readonly #kept: RunView[] = [EMPTY_VIEW];
  readonly #moments: number[] = [];
  #head: RunView = EMPTY_VIEW;

  /** Add events in order; those the record has are left out. True when something was new. */
  append(events: readonly RunEvent[]): boolean {
    const fresh = events.filter((event) => event.seq > this.last);
    for (let from = 0; from < fresh.length; from += STRIDE) {
      this.#take(fresh.slice(from, from + STRIDE));
    }
    return fresh.length > 0;
  }

  get events(): readonly RunEvent[] {
    return this.#events;
  }

  /** The last position, 0 before the first event. */
  get last(): number {
    return this.#head.seq;
  }

  get head(): RunView {
    return this.#head;
  }

  /** Positions of the events that changed something other than the log, in order. */
  get moments(): readonly number[] {
    return this.#moments;
  }

  /** The view after event `seq`. */
  at(seq: number): RunView {
    if (seq >= this.last) return this.#head;
    const base = this.#kept.findLast((view) => view.seq <= seq) ?? EMPTY_VIEW;
    return fold(base, this.#events.slice(this.#indexAfter(base.seq), this.#indexAfter(seq)));
  }

  /** The event with that number. */
  find(seq: number): RunEvent | undefined {
    const event = this.#events[this.#indexAfter(seq) - 1];
    return event?.seq === seq ? event : undefined;
  }

  /** The last position at or before `seq` that wrote state. */
  commitAt(seq: number): number {
    for (let index = this.#indexAfter(seq) - 1; index >= 0; index -= 1) {
      const event = this.#events[index];
      if (event && writes(event)) return event.seq;
    }
    return 0;
  }

  #take(events: readonly RunEvent[]): void {
    this.#events.push(...events);
    this.#head = fold(this.#head, events);
    for (const event of events) if (isMoment(event)) this.#moments.push(event.seq);
    const kept = this.#kept.at(-1) ?? EMPTY_VIEW;
    if (this.#head.seq - kept.seq >= STRIDE) this.#kept.push(this.#head);
  }

  /** How many events have a number up to `seq`. */
  #indexAfter(seq: number): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.seq ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Events a reader can step to: everything but lines of the log. */
export function isMoment(event: RunEvent): boolean {
  return /^(run|attempt|join|outcome)\./.test(event.k) && event.k !== "attempt.late_result";
}

function writes(event: RunEvent): boolean {
  return (
    event.k === "attempt.succeeded" || event.k === "run.created" || event.k === "run.completed"
  );
}

/** The moment at or before `seq`, as an index into `moments`; -1 before the first. */
export function momentIndex(moments: readonly number[], seq: number): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle] ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
