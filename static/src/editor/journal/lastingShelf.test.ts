import { beforeEach, describe, expect, it } from "vitest";
import { openLastingShelf } from "./lastingShelf";
import { MemoryShelf } from "./memoryShelf";
import type { ShelfChange } from "./shelf";

class Store {
  readonly items = new Map<string, string>();
  full = false;
  get length() {
    return this.items.size;
  }
  key = (index: number) => [...this.items.keys()][index] ?? null;
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => {
    if (this.full) throw new DOMException("no room", "QuotaExceededError");
    this.items.set(key, value);
  };
  removeItem = (key: string) => void this.items.delete(key);
}

/** A disk that is busy until it is told to go on. */
class SlowShelf extends MemoryShelf {
  #waiting: (() => void)[] = [];
  busy = true;
  override async write(change: ShelfChange) {
    if (this.busy) await new Promise<void>((go) => this.#waiting.push(go));
    await super.write(change);
  }
  async goOn(): Promise<void> {
    this.busy = false;
    for (const go of this.#waiting.splice(0)) go();
    for (let i = 0; i < 9; i += 1) await Promise.resolve();
  }
}

describe("shelf that a page leaves while it writes", () => {
  let store: Store;
  const [head, one, two]: ShelfChange[] = [
    { drop: ["w/t/"], keep: [["w/t/head", { rev: 1 }]] },
    { keep: [["w/t/1", "one"]] },
    { keep: [["w/t/2", "two"]] },
  ] as const;
  const all = [
    ["w/t/1", "one"],
    ["w/t/2", "two"],
    ["w/t/head", { rev: 1 }],
  ];
  beforeEach(() => {
    store = new Store();
  });

  it("has what was not written in time, the next time it is looked at", async () => {
    const gone = openLastingShelf(new SlowShelf(), store);
    for (const change of [head, one]) void gone.write(change as ShelfChange);
    gone.leave();
    // What a field takes in when it is left comes after that.
    void gone.write(two as ShelfChange);

    const disk = new MemoryShelf();
    expect(await openLastingShelf(disk, store).list("w/")).toEqual(all);
    expect(await disk.list("w/")).toEqual(all);
    expect(store.length).toBe(0);
  });

  it("takes twice what arrived all the same, and is none the worse for it", async () => {
    const disk = new SlowShelf();
    const gone = openLastingShelf(disk, store);
    for (const change of [head, one, two]) void gone.write(change as ShelfChange);
    gone.leave();
    const kept = new Map(store.items);
    await disk.goOn();
    for (const [name, value] of kept) store.setItem(name, value);
    expect(await openLastingShelf(disk, store).list("w/")).toEqual(all);
  });

  it("notes nothing once all is written, or when the page stays", async () => {
    const disk = new SlowShelf();
    const shelf = openLastingShelf(disk, store);
    void shelf.write(one as ShelfChange);
    shelf.leave();
    expect(store.length).toBe(1);
    shelf.stay();
    expect(store.length).toBe(0);
    shelf.leave();
    await disk.goOn();
    expect(store.length).toBe(0);
    await shelf.write(two as ShelfChange);
    expect(store.length).toBe(0);
  });

  it("keeps the note of what the page's end cut off, and of what cannot be made up for yet", async () => {
    const disk = new MemoryShelf();
    disk.full = true;
    const gone = openLastingShelf(disk, store);
    const written = gone.write(one as ShelfChange);
    gone.leave();
    await expect(written).rejects.toThrow();
    expect(await openLastingShelf(disk, store).list("w/")).toEqual([]);
    disk.full = false;
    expect(await openLastingShelf(disk, store).list("w/")).toEqual([["w/t/1", "one"]]);
  });

  it("is what it is without room for a note", async () => {
    store.full = true;
    const disk = new SlowShelf();
    const shelf = openLastingShelf(disk, store);
    const written = shelf.write(one as ShelfChange);
    shelf.leave();
    await disk.goOn();
    await written;
    expect(await shelf.list("w/")).toEqual([["w/t/1", "one"]]);
  });
});
