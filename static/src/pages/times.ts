import { momentWords } from "../live/moments";
import { t, tn } from "../words/t";

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
  if (past < 45_000) return t("just now");
  if (past < 3_600_000) return t("{n} min ago", { n: Math.max(1, Math.round(past / 60_000)) });
  if (past < 36 * 3_600_000) return t("{n} h ago", { n: Math.round(past / 3_600_000) });
  return tn("{count} day ago", "{count} days ago", Math.floor(past / DAY_MS));
}

function ahead(left: number): string | null {
  if (left < 3_600_000) return t("in {n} min", { n: Math.max(1, Math.round(left / 60_000)) });
  if (left < 36 * 3_600_000) return t("in {n} h", { n: Math.round(left / 3_600_000) });
  return null;
}
