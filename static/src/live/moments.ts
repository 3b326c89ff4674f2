/** Moments as people read them: in their own zone, by their own habits, everywhere the same. */

/** Date and time. */
export function momentWords(date: Date): string {
  return date.toLocaleString([], { dateStyle: "medium", timeStyle: "medium" });
}

/** Only the time for a moment of today. */
export function nearMomentWords(date: Date): string {
  const today = date.toDateString() === new Date().toDateString();
  return today ? date.toLocaleTimeString([], { timeStyle: "medium" }) : momentWords(date);
}
