import { getJson } from "../live/http";
import { poll } from "./poll";
import { durationWords, hasEnded, type RunItem, showStatus } from "./runWords";

const EVERY_MS = 1500;

/** The head of a run's page: status and duration follow the run until it has ended. */
export function liveRun(page: Document): void {
  const place = page.querySelector<HTMLElement>("[data-run-status]");
  const id = place?.dataset.runStatus;
  const badge = place?.querySelector<HTMLElement>("[data-status]") ?? null;
  if (!id || hasEnded(badge?.dataset.status)) return;
  poll(page, EVERY_MS, async () => {
    const run = await getJson<RunItem>(`/api/v1/runs/${id}`);
    showStatus(badge, run.status);
    const time = page.querySelector("[data-run-duration]");
    if (time) time.textContent = durationWords(run, Date.now());
    if (!hasEnded(run.status)) return "again";
    for (const each of page.querySelectorAll<HTMLElement>("[data-run-active]")) each.hidden = true;
    return "done";
  });
}
