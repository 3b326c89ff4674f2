/** What a person has set for all canvases in this browser. */

export interface Preferences {
  /** Single letters are keys of the canvas. Who steers by voice wants them off. */
  readonly letters: boolean;
  /** The wheel zooms; else it moves the paper, and zooms with Ctrl. */
  readonly wheelZooms: boolean;
}

const KEY = "treadle.canvas";
const FIRST: Preferences = { letters: true, wheelZooms: false };

let known: Preferences | null = null;
const listeners = new Set<() => void>();

export function preferences(): Preferences {
  known ??= read();
  return known;
}

export function setPreference(change: Partial<Preferences>): void {
  known = { ...preferences(), ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(known));
  } catch {
    // A browser that forbids storage keeps the choice until the page is left.
  }
  for (const listener of listeners) listener();
}

export function watchPreferences(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(): Preferences {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>;
    return { letters: kept.letters !== false, wheelZooms: kept.wheelZooms === true };
  } catch {
    return FIRST;
  }
}
