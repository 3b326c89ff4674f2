/** Undo and redo over commands. Saving never touches it: a saved document can still be undone. */
import { apply, type Command, join, redone, revert } from "./changes";
import type { GraphDocument } from "./document";

interface Entry {
  readonly command: Command;
  /** Edits with the same key that follow each other closely become one entry. */
  readonly mergeKey: string | null;
  readonly at: number;
}

/** Typing pauses longer than this start a new undo step. Milliseconds. */
export const MERGE_WINDOW = 1500;
const MAX_ENTRIES = 500;

export class History {
  #done: Entry[] = [];
  #undone: Entry[] = [];
  #document: GraphDocument;

  constructor(document: GraphDocument) {
    this.#document = document;
  }

  get document(): GraphDocument {
    return this.#document;
  }
  get undoLabel(): string | null {
    return this.#done.at(-1)?.command.label ?? null;
  }
  get redoLabel(): string | null {
    return this.#undone.at(-1)?.command.label ?? null;
  }
  get depth(): number {
    return this.#done.length;
  }

  /**
   * Apply a command and remember it.
   * @param mergeKey joins it to the entry before when that has the same key and is fresh
   * @param now milliseconds on any clock that only goes forward
   * @returns whether it was joined
   */
  run(command: Command, mergeKey: string | null = null, now = 0): boolean {
    this.#document = apply(this.#document, command);
    const last = this.#done.at(-1);
    const merges =
      mergeKey !== null && last?.mergeKey === mergeKey && now - last.at <= MERGE_WINDOW;
    if (merges) this.#done.pop();
    const merged = merges ? join(last.command, command) : command;
    this.#done.push({ command: merged, mergeKey, at: now });
    if (this.#done.length > MAX_ENTRIES) this.#done.shift();
    this.#undone = [];
    return merges;
  }

  /** Take the last entry back; null when there is none. */
  undo(): Command | null {
    const entry = this.#done.pop();
    if (!entry) return null;
    this.#document = revert(this.#document, entry.command);
    this.#undone.push(entry);
    return entry.command;
  }

  redo(): Command | null {
    const entry = this.#undone.pop();
    if (!entry) return null;
    this.#document = redone(this.#document, entry.command);
    this.#done.push({ ...entry, mergeKey: null });
    return entry.command;
  }

  /**
   * Show a document that others have changed too. It is no edit of this person: what can be undone
   * stays what it was.
   */
  adopt(document: GraphDocument): void {
    this.seal();
    this.#document = document;
  }

  /** The next edit starts an undo step of its own, whatever its key. */
  seal(): void {
    const last = this.#done.at(-1);
    if (last) this.#done[this.#done.length - 1] = { ...last, mergeKey: null };
  }
}
