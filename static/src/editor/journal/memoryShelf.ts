/** A shelf for tests: it forgets with the page, and fails when told to. */
import type { Shelf, ShelfChange } from "./shelf";

export class MemoryShelf implements Shelf {
  readonly items = new Map<string, unknown>();
  full = false;

  async list(prefix: string) {
    return [...this.items].filter(([name]) => name.startsWith(prefix)).sort(byName);
  }

  async write({ drop = [], keep = [] }: ShelfChange) {
    if (this.full) throw new DOMException("no room", "QuotaExceededError");
    for (const name of [...this.items.keys()]) {
      if (drop.some((prefix) => name.startsWith(prefix))) this.items.delete(name);
    }
    for (const [name, value] of keep) this.items.set(name, JSON.parse(JSON.stringify(value)));
  }
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) =>
  a < b ? -1 : 1;
