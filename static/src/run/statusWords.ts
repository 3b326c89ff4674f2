import { tp } from "../words/t";

/** The statuses of runs, as the server's pages call them too. */
const RUNS: Readonly<Record<string, string>> = {
  queued: tp("status", "queued"),
  running: tp("status", "running"),
  waiting: tp("status", "waiting"),
  paused: tp("status", "paused"),
  cancelling: tp("status", "cancelling"),
  completed: tp("status", "completed"),
  failed: tp("status", "failed"),
  cancelled: tp("status", "cancelled"),
};

/** What a run or a step of it is called where there is more room, or only steps have it. */
const STEPS: Readonly<Record<string, string>> = {
  idle: tp("status", "not run yet"),
  ok: tp("status", "done"),
  error: tp("status", "failed"),
  cancelling: tp("status", "stopping"),
  skipped: tp("status", "skipped"),
};

/** A run's status in words. */
export function runStatusWord(status: string): string {
  return RUNS[status] ?? status;
}

/** The status of a run or a step in words. */
export function statusWord(status: string): string {
  return STEPS[status] ?? runStatusWord(status);
}
