/** Unsaved work, kept in this browser before it is sent, so that a crash or a reload loses nothing. */
import { type GraphDocument, toDocument } from "../model/document";

export interface Unsaved {
  /** The revision the work began from, and its document. */
  readonly rev: number;
  readonly base: GraphDocument;
  readonly document: GraphDocument;
  readonly changes: number;
}

export interface CopyStore {
  write(copy: Unsaved): void;
  clear(): void;
}

export interface FoundCopy extends Unsaved {
  readonly key: string;
  readonly savedAt: number;
  /** Left by this very tab, before a reload. */
  readonly own: boolean;
}

type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/**
 * The copies of one workflow in `localStorage`. Each tab writes under its own name, so that two
 * tabs never overwrite each other's work.
 */
export class LocalCopies implements CopyStore {
  readonly #shelf: Shelf;
  readonly #prefix: string;
  readonly #tab: string;
  readonly #now: () => number;
  /** False when the browser has no room or forbids storage: then saving is all there is. */
  works = true;

  constructor(shelf: Shelf, workflow: string, tab: string, now: () => number = Date.now) {
    this.#shelf = shelf;
    this.#prefix = `treadle:unsaved:${workflow}:`;
    this.#tab = tab;
    this.#now = now;
  }

  write(copy: Unsaved): void {
    try {
      const text = JSON.stringify({ ...copy, savedAt: this.#now() });
      this.#shelf.setItem(this.#prefix + this.#tab, text);
      this.works = true;
    } catch {
      this.works = false;
    }
  }

  clear(): void {
    this.drop(this.#prefix + this.#tab);
  }

  drop(key: string): void {
    try {
      this.#shelf.removeItem(key);
    } catch {
      this.works = false;
    }
  }

  /** The copy worth offering: this tab's own, else the youngest that another one left. */
  find(): FoundCopy | null {
    const found = this.#keys().flatMap((key) => this.#read(key) ?? []);
    const byAge = (a: FoundCopy, b: FoundCopy) => b.savedAt - a.savedAt;
    return found.find((copy) => copy.own) ?? found.sort(byAge)[0] ?? null;
  }

  #keys(): string[] {
    try {
      const keys = Array.from({ length: this.#shelf.length }, (_, i) => this.#shelf.key(i) ?? "");
      return keys.filter((key) => key.startsWith(this.#prefix));
    } catch {
      this.works = false;
      return [];
    }
  }

  #read(key: string): FoundCopy | null {
    try {
      const value = JSON.parse(this.#shelf.getItem(key) ?? "null");
      return {
        key,
        rev: Number(value.rev),
        changes: Number(value.changes),
        savedAt: Number(value.savedAt),
        base: toDocument(value.base),
        document: toDocument(value.document),
        own: key === this.#prefix + this.#tab,
      };
    } catch {
      // Not readable as a draft any more: nothing can be restored from it.
      this.drop(key);
      return null;
    }
  }
}

/** A name for this tab that survives its reloads. */
export function tabName(session: Pick<Storage, "getItem" | "setItem">): string {
  const random = () => Math.random().toString(36).slice(2, 10);
  try {
    const known = session.getItem("treadle:tab");
    if (known) return known;
    const name = random();
    session.setItem("treadle:tab", name);
    return name;
  } catch {
    return random();
  }
}
