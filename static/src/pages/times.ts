import { momentWords } from "../live/moments";

const EVERY_MS = 20_000;
const DAY_MS = 24 * 3600 * 1000;

/** Times stay true while a page is open, and their titles speak the reader's zone. */
export function times(page: Document): void {
  const all = () => page.querySelectorAll<HTMLTimeElement>("time[data-ago]");
  for (const time of all()) time.title = momentWords(new Date(time.dateTime));
  const refresh = () => {
    for (const time of all()) {
      const words = ago(Date.parse(time.dateTime), Date.now());
      if (words) time.textContent = words;
    }
  };
  if (all().length > 0) setInterval(refresh, EVERY_MS);
}

/** The server's words for a moment; null where they do not change within a day. */
export function ago(moment: number, now: number): string | null {
  const past = now - moment;
  if (past < 0) return ahead(-past);
  if (Number.isNaN(past) || past > 30 * DAY_MS) return null;
  if (past < 45_000) return "just now";
  if (past < 3_600_000) return `${Math.max(1, Math.round(past / 60_000))} min ago`;
  if (past < 36 * 3_600_000) return `${Math.round(past / 3_600_000)} h ago`;
  return `${Math.floor(past / DAY_MS)} days ago`;
}

function ahead(left: number): string | null {
  if (left < 3_600_000) return `in ${Math.max(1, Math.round(left / 60_000))} min`;
  if (left < 36 * 3_600_000) return `in ${Math.round(left / 3_600_000)} h`;
  return null;
}
