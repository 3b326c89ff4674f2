/** Moments as people read them: in their own zone, by their own habits, everywhere the same. */
import { locale } from "../words/t";

let known: { readonly of: string; readonly made: Intl.DateTimeFormat } | null = null;

/** Date and time. */
export function momentWords(date: Date): string {
  if (Number.isNaN(date.getTime())) return String(date);
  const of = locale();
  if (known?.of !== of) known = { of, made: new Intl.DateTimeFormat(of, WHOLE) };
  return known.made.format(date);
}

const WHOLE: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "medium" };

/** Only the time for a moment of today. */
export function nearMomentWords(date: Date): string {
  const today = date.toDateString() === new Date().toDateString();
  return today ? date.toLocaleTimeString(locale(), { timeStyle: "medium" }) : momentWords(date);
}
