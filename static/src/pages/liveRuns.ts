import { getJson } from "../live/http";
import { tn } from "../words/t";
import { poll } from "./poll";
import { durationWords, hasEnded, type RunItem, showStatus } from "./runWords";

const EVERY_MS = 3000;

/** The list of runs stays true: rows change where they stand, and new runs are announced, so that nothing jumps. */
export function liveRuns(page: Document): void {
  const table = page.querySelector<HTMLTableElement>("table[data-live-runs]");
  const url = table?.dataset.liveRuns;
  if (!table || !url) return;
  const known = new Set(rowsOf(table).map((row) => row.dataset.run ?? ""));
  poll(page, EVERY_MS, async () => {
    const { items } = await getJson<{ items: RunItem[] }>(url);
    for (const item of items) update(table, item);
    announce(page, items.filter((item) => isNewer(item.id, known)).length);
    return "again";
  });
}

function rowsOf(table: HTMLTableElement): HTMLTableRowElement[] {
  return [...table.querySelectorAll<HTMLTableRowElement>("tr[data-run]")];
}

/** Ids grow with time: newer than every row, not one that a filter left out. */
function isNewer(id: string, known: ReadonlySet<string>): boolean {
  for (const each of known) if (each >= id) return false;
  return true;
}

function update(table: HTMLTableElement, run: RunItem): void {
  const row = rowsOf(table).find((each) => each.dataset.run === run.id);
  const badge = row?.querySelector<HTMLElement>("[data-status]") ?? null;
  if (!row || !badge) return;
  const changes = badge.dataset.status !== run.status || !hasEnded(run.status);
  if (!changes) return;
  showStatus(badge, run.status);
  const time = row.querySelector("[data-duration]");
  if (time) time.textContent = durationWords(run, Date.now());
  showError(row, run);
}

function showError(row: HTMLElement, run: RunItem): void {
  const cell = row.querySelector<HTMLElement>("[data-error]");
  if (!cell || !run.error) return;
  const text = cell.ownerDocument.createElement("span");
  text.className = "run-error";
  text.dataset.status = run.status;
  const { node, step, message } = run.error;
  if (node) {
    const name = cell.ownerDocument.createElement("b");
    name.title = node;
    name.textContent = step ?? node;
    text.append(name, " ");
  }
  text.append(message);
  cell.replaceChildren(text);
  delete cell.dataset.empty;
}

function announce(page: Document, count: number): void {
  const place = page.querySelector<HTMLElement>("[data-fresh]");
  const text = place?.querySelector("[data-fresh-text]");
  if (!place || !text || count === 0) return;
  text.textContent = tn("{count} new run", "{count} new runs", count);
  place.hidden = false;
}
