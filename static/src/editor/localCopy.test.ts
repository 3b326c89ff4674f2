import { describe, expect, it } from "vitest";
import { blankDocument } from "../model/document";
import { LocalCopies, tabName } from "./localCopy";

class Shelf {
  readonly items = new Map<string, string>();
  get length() {
    return this.items.size;
  }
  key = (index: number) => [...this.items.keys()][index] ?? null;
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
  removeItem = (key: string) => void this.items.delete(key);
}

const document = blankDocument("k", "K");
const copy = { rev: 3, base: document, document, changes: 4 };

describe("local copies", () => {
  it("come back after a reload, as this tab's own", () => {
    const shelf = new Shelf();
    new LocalCopies(shelf, "w", "tab").write(copy);
    const found = new LocalCopies(shelf, "w", "tab").find();
    expect(found).toMatchObject({ rev: 3, changes: 4, own: true, document });
  });

  it("of another tab are offered, the youngest first, but never for another workflow", () => {
    const shelf = new Shelf();
    new LocalCopies(shelf, "w", "old", () => 1).write(copy);
    new LocalCopies(shelf, "w", "new", () => 2).write({ ...copy, rev: 9 });
    new LocalCopies(shelf, "other", "x", () => 3).write(copy);
    expect(new LocalCopies(shelf, "w", "me").find()).toMatchObject({ rev: 9, own: false });
  });

  it("that cannot be read are dropped", () => {
    const shelf = new Shelf();
    shelf.setItem("treadle:unsaved:w:tab", "{broken");
    expect(new LocalCopies(shelf, "w", "tab").find()).toBeNull();
    expect(shelf.length).toBe(0);
  });

  it("say when the browser has no room", () => {
    const shelf = new Shelf();
    shelf.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    const copies = new LocalCopies(shelf, "w", "tab");
    copies.write(copy);
    expect(copies.works).toBe(false);
  });

  it("name a tab once", () => {
    const shelf = new Shelf();
    expect(tabName(shelf)).toBe(tabName(shelf));
  });
});
