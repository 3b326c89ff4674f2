import { runStatusWord } from "../run/statusWords";
import { duration } from "../run/words";

/** What the list of runs and the head of the run page read of a run. */
export interface RunItem {
  readonly id: string;
  readonly status: string;
  readonly started_at: string | null;
  readonly duration_ms: number | null;
  readonly error: RunError | null;
}

export interface RunError {
  readonly node: string | null;
  /** What the node is called, where the server says so. */
  readonly step?: string;
  readonly message: string;
}

const ENDED: ReadonlySet<string> = new Set(["completed", "failed", "cancelled"]);

export function hasEnded(status: string | undefined): boolean {
  return status !== undefined && ENDED.has(status);
}

/** How long a run took, or has taken until now; a dash before it starts. */
export function durationWords(run: RunItem, now: number): string {
  if (run.duration_ms !== null) return duration(run.duration_ms);
  if (run.started_at === null) return "–";
  return duration(Math.max(0, now - Date.parse(run.started_at)));
}

/** Show another status in a badge the server wrote: its word, colour and shape. */
export function showStatus(badge: HTMLElement | null, status: string): void {
  if (!badge || badge.dataset.status === status) return;
  badge.dataset.status = status;
  const word = badge.querySelector("[data-status-word]");
  if (word) word.textContent = runStatusWord(status);
  const use = badge.querySelector("use");
  const sprite = use?.getAttribute("href")?.split("#")[0];
  if (use && sprite) use.setAttribute("href", `${sprite}#status-${status}`);
}
