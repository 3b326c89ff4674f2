/** The steps a person added last, so that the next ones of their kind are near at hand. */
const KEY = "treadle.recent-steps";
const MOST = 5;

let known: readonly string[] | null = null;

/** Keys of offers, the last added first. */
export function recentKeys(): readonly string[] {
  known ??= read();
  return known;
}

export function remember(key: string): void {
  known = [key, ...recentKeys().filter((other) => other !== key)].slice(0, MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(known));
  } catch {
    // A browser that forbids storage remembers until the page is left.
  }
}

function read(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}
