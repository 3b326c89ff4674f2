/** What a person gave a run the last time, kept in this browser for each workflow and each step. */
import type { State } from "./plan";

const LARGEST = 100_000;

/** @param node the step that the state is for; null: the start of the whole workflow */
export function memoryKey(workflow: string, node: string | null): string {
  const start = `treadle:run-input:${workflow}`;
  return node === null ? start : `${start}:${node}`;
}

export function recall(key: string): State | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as State)
      : null;
  } catch {
    return null; // storage is off, or holds something else: the form starts empty
  }
}

export function remember(key: string, state: State): void {
  try {
    const text = JSON.stringify(state);
    if (text.length <= LARGEST) localStorage.setItem(key, text);
  } catch {
    // Only a convenience: the run starts without it.
  }
}
