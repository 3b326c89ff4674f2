/**
 * A shelf that also keeps what is on its way to it when the page goes away. A browser drops what
 * IndexedDB has not finished by then; `localStorage` takes a note at once. Whoever looks into the
 * shelf next makes up for it.
 */
import type { Shelf, ShelfChange } from "./shelf";
import type { WebStorage } from "./webShelf";

const MARK = "treadle:late:";

export interface LastingShelf extends Shelf {
  /** The page goes away, perhaps. What is written from now on is noted, too. */
  leave(): void;
  /** It was only put aside, and is shown again. */
  stay(): void;
}

export function openLastingShelf(shelf: Shelf, storage: WebStorage, now = Date.now): LastingShelf {
  const underWay = new Set<ShelfChange>();
  const own = `${MARK}${now()}-${Math.random().toString(36).slice(2)}`;
  let leaving = false;
  let noted = false;
  const note = () =>
    quietly(() => {
      if (leaving && underWay.size > 0) {
        storage.setItem(own, JSON.stringify([...underWay]));
        noted = true;
      } else if (noted) {
        storage.removeItem(own);
        noted = false;
      }
    });
  return {
    async list(prefix) {
      for (const name of notesIn(storage)) await madeUpFor(name);
      return shelf.list(prefix);
    },
    async write(change) {
      underWay.add(change);
      if (leaving) note();
      let arrived = false;
      try {
        await shelf.write(change);
        arrived = true;
      } finally {
        // What fails because the page goes is what the note is for.
        if (arrived || !leaving) underWay.delete(change);
        if (noted && underWay.size === 0) note();
      }
    },
    leave() {
      leaving = true;
      note();
    },
    stay() {
      leaving = false;
      note();
    },
  };

  /**
   * Each change says all of what it changes: one that had arrived may arrive again. Taken before it
   * is made up for, so that no two pages do.
   */
  async function madeUpFor(name: string): Promise<void> {
    const text = storage.getItem(name);
    if (text === null) return;
    storage.removeItem(name);
    try {
      const changes = JSON.parse(text) as ShelfChange[];
      await Promise.all(changes.map((change) => shelf.write(change)));
    } catch {
      quietly(() => storage.setItem(name, text));
    }
  }
}

/** The oldest first. */
function notesIn(storage: WebStorage): string[] {
  try {
    const names = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "");
    return names.filter((name) => name.startsWith(MARK)).sort();
  } catch {
    return [];
  }
}

/** A storage that is full or forbidden takes no note; then there is only the shelf. */
function quietly(run: () => void): void {
  try {
    run();
  } catch {}
}
