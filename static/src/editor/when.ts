/** A moment as short as it stays clear: the time today, else the day with the time. */
import { locale } from "../words/t";
export function when(moment: string | number): string {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) return "";
  const time = date.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });
  if (new Date().toDateString() === date.toDateString()) return time;
  return `${date.toLocaleDateString(locale(), { day: "numeric", month: "short" })}, ${time}`;
}
