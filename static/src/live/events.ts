/** One row of a run's journal, the same in the table, the API and on the socket. */
export interface RunEvent {
  /** Position in the journal of its run, from 1, without holes. */
  readonly seq: number;
  /** When it was recorded: ISO 8601 with milliseconds, UTC. */
  readonly ts: string;
  /** What happened, for example `attempt.succeeded`. */
  readonly k: string;
  readonly node: string | null;
  /** Which visit of the node, from 1. */
  readonly act: number | null;
  /** Which try of that visit, from 1. */
  readonly att: number | null;
  readonly data: Readonly<Record<string, unknown>>;
}

const ENDINGS: Readonly<Record<string, string>> = {
  "run.completed": "completed",
  "run.failed": "failed",
  "run.cancelled": "cancelled",
};

/** The final status an event gives its run, or null when the run goes on after it. */
export function endingOf(event: RunEvent): string | null {
  return ENDINGS[event.k] ?? null;
}
