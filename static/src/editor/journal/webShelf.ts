/** The shelf in `localStorage`, where a browser refuses IndexedDB. */
import type { Shelf, ShelfChange } from "./shelf";

export type WebStorage = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

const MARK = "treadle:unsaved:";

export function openWebShelf(storage: WebStorage): Shelf {
  const names = () =>
    Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "")
      .filter((name) => name.startsWith(MARK))
      .map((name) => name.slice(MARK.length))
      .sort();
  return {
    async list(prefix) {
      return names()
        .filter((name) => name.startsWith(prefix))
        .map((name) => [name, parsed(storage.getItem(MARK + name))] as const);
    },
    async write({ drop = [], keep = [] }: ShelfChange) {
      // Kept first: if there is no room, what was there before is still whole.
      for (const [name, value] of keep) storage.setItem(MARK + name, JSON.stringify(value));
      const kept = new Set(keep.map(([name]) => name));
      for (const name of names()) {
        const goes = drop.some((prefix) => name.startsWith(prefix)) && !kept.has(name);
        if (goes) storage.removeItem(MARK + name);
      }
    },
  };
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
