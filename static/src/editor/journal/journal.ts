/**
 * The journal of one open editor: every edit that the server does not have yet, written down in
 * this browser before it is sent. It begins with the revision that the edits were made on, so that
 * they can be joined with whatever the server holds by then.
 */
import { type GraphDocument, isObject, toDocument } from "../../model/document";
import { diff, isPatch, type Patch, patched } from "../../model/patch";
import { t } from "../../words/t";
import type { Shelf, ShelfChange } from "./shelf";

/** The draft that edits were made on. */
export interface Ground {
  readonly rev: number;
  readonly base: GraphDocument;
}

/** What a person did, for the undo button and the count of changes. */
export interface Edit {
  readonly label: string;
  /** 0: more of the edit before. More than 1: several that were joined with somebody else's. */
  readonly count: number;
}

/** One edit as it was found again, with the document after it. */
export interface Step extends Edit {
  readonly document: GraphDocument;
}

/** Unsaved work that some tab left. */
export interface Left extends Ground {
  readonly tab: string;
  readonly steps: readonly Step[];
  /** When the last edit was made, in milliseconds. */
  readonly at: number;
}

/** What the saver tells the journal. */
export interface JournalPort {
  /** False when this browser keeps nothing: then saving is all there is. */
  readonly works: boolean;
  /** `earlier` edits since the ground led to `before`. */
  append(
    ground: Ground,
    before: GraphDocument,
    after: GraphDocument,
    edit: Edit,
    earlier: number,
  ): void;
  /** Begin again on other ground: `after` is what the edits made of it. */
  restart(ground: Ground, after: GraphDocument, edit: Edit): void;
  clear(): void;
  /** Resolves once everything up to now is written down, or could not be. */
  settled(): Promise<void>;
}

interface Entry extends Edit {
  readonly at: number;
  readonly patch: Patch;
}

export class Journal implements JournalPort {
  readonly #shelf: Shelf;
  readonly #all: string;
  readonly #tab: string;
  readonly #now: () => number;
  #open = false;
  #next = 0;
  #writing: Promise<void> = Promise.resolve();
  #behind = 0;
  works = true;
  /** Called when `works` or `behind` changes. */
  onTurn: () => void = () => undefined;

  /**
   * @param owner what the work belongs to: the person and the workflow
   * @param tab the name of this tab, so that two tabs never overwrite each other's work
   */
  constructor(shelf: Shelf, owner: string, tab: string, now: () => number = Date.now) {
    this.#shelf = shelf;
    this.#all = `${owner}/`;
    this.#tab = tab;
    this.#now = now;
  }

  append(
    ground: Ground,
    before: GraphDocument,
    after: GraphDocument,
    edit: Edit,
    earlier: number,
  ): void {
    if (!this.#open) this.restart(ground, before, { label: t("earlier changes"), count: earlier });
    const entry = this.#entry(before, after, edit);
    this.#write({ keep: [[this.#name(), entry]] });
  }

  restart(ground: Ground, after: GraphDocument, edit: Edit): void {
    this.#open = true;
    this.#next = 0;
    const head = [`${this.#own()}head`, { rev: ground.rev, base: ground.base }] as const;
    const joined = after !== ground.base;
    const entry = joined ? this.#entry(ground.base, after, edit) : null;
    const keep = entry ? [head, [this.#name(), entry] as const] : [head];
    this.#write({ drop: [this.#own()], keep });
  }

  /** Go on with what some tab left as if this one had made it, edit by edit. */
  takeUp(left: Left): void {
    this.#open = true;
    this.#next = 0;
    let before = left.base;
    const entries = left.steps.map((step) => {
      const entry = this.#entry(before, step.document, step, left.at);
      before = step.document;
      return [this.#name(), entry] as const;
    });
    const head = [`${this.#own()}head`, { rev: left.rev, base: left.base }] as const;
    this.#write({ drop: [this.#own(), `${this.#all}${left.tab}/`], keep: [head, ...entries] });
  }

  clear(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#write({ drop: [this.#own()] });
  }

  /** Forget what another tab, or an earlier visit, left. */
  drop(tab: string): void {
    this.#write({ drop: [`${this.#all}${tab}/`] });
  }

  settled(): Promise<void> {
    return this.#writing;
  }

  /** Whether an edit is still on its way to the disk: a crash at this moment would lose it. */
  get behind(): boolean {
    return this.#behind > 0;
  }

  /** Everything that was left for this workflow, the youngest first. */
  async find(): Promise<readonly Left[]> {
    try {
      const byTab = new Map<string, [string, unknown][]>();
      for (const [name, value] of await this.#shelf.list(this.#all)) {
        const [tab = "", key = ""] = name.slice(this.#all.length).split("/");
        byTab.set(tab, [...(byTab.get(tab) ?? []), [key, value]]);
      }
      const left = [...byTab].flatMap(([tab, entries]) => this.#read(tab, entries) ?? []);
      return left.sort((a, b) => b.at - a.at);
    } catch {
      this.#failed();
      return [];
    }
  }

  #read(tab: string, entries: readonly [string, unknown][]): Left | null {
    const head = entries.find(([key]) => key === "head")?.[1];
    try {
      if (!isObject(head)) throw new TypeError("no head");
      const base = toDocument(head.base);
      const steps: Step[] = [];
      let [document, at] = [base, 0];
      for (const [key, value] of entries) {
        if (key === "head") continue;
        // One that is damaged ends the row: what follows was made on it.
        if (!isEntry(value)) break;
        document = patched(document, value.patch);
        steps.push({ label: value.label, count: value.count, document });
        at = value.at;
      }
      // What no server takes ends it too, and only that is lost.
      while (steps.length && !isReadable(steps.at(-1)?.document)) steps.pop();
      return steps.length ? { tab, rev: Number(head.rev), base, steps, at } : null;
    } catch {
      // Not readable as a draft any more: nothing can be restored from it.
      this.drop(tab);
      return null;
    }
  }

  #entry(before: GraphDocument, after: GraphDocument, edit: Edit, at = this.#now()): Entry {
    return { label: edit.label, count: edit.count, at, patch: diff(before, after) };
  }

  #own(): string {
    return `${this.#all}${this.#tab}/`;
  }

  #name(): string {
    this.#next += 1;
    return `${this.#own()}${String(this.#next).padStart(9, "0")}`;
  }

  #write(change: ShelfChange): void {
    let done: Promise<void>;
    try {
      done = this.#shelf.write(change);
    } catch (error) {
      done = Promise.reject(error);
    }
    const told = done.then(
      () => this.#tell(true),
      () => this.#failed(),
    );
    this.#count(1);
    void told.then(() => this.#count(-1));
    this.#writing = Promise.all([this.#writing, told]).then(() => undefined);
  }

  #failed(): void {
    // The next edit writes everything anew: what is missing in between cannot be replayed.
    this.#open = false;
    this.#tell(false);
  }

  #tell(works: boolean): void {
    if (works === this.works) return;
    this.works = works;
    this.onTurn();
  }

  #count(by: 1 | -1): void {
    const before = this.behind;
    this.#behind += by;
    if (before !== this.behind) this.onTurn();
  }
}

function isReadable(document: unknown): boolean {
  try {
    toDocument(document);
    return true;
  } catch {
    return false;
  }
}

function isEntry(value: unknown): value is Entry {
  return (
    isObject(value) &&
    typeof value.label === "string" &&
    typeof value.count === "number" &&
    typeof value.at === "number" &&
    isPatch(value.patch)
  );
}
