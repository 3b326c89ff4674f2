import { getJson } from "../live/http";
import { logText } from "./logLines";
import type { RunStore } from "./store";

/** The log as text, one line per row. */
export function downloadLogText(store: RunStore): void {
  save(`run-${store.boot.run.id}.log`, "text/plain", logText(store.rows));
}

/** Run, document, every event and the last state, as one JSON file. */
export async function downloadRun(store: RunStore): Promise<void> {
  const { run, document, urls } = store.boot;
  const last = store.record.last;
  const state = await getJson<{ state: unknown }>(`${urls.api}/runs/${run.id}/state?seq=${last}`);
  const whole = { run, document, state: state.state, events: store.record.events };
  save(`run-${run.id}.json`, "application/json", `${JSON.stringify(whole, null, 1)}\n`);
}

/** Hand a text to the browser as a file. */
export function save(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
