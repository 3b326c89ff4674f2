/**
 * Keeps the draft on the server equal to the document on the screen, and always knows the truth
 * about it. One save is under way at a time; edits made meanwhile go with the next. Nothing here
 * knows the page: time, network and the local copy are passed in.
 */
import type { GraphDocument } from "../model/document";
import { equal } from "../model/equal";
import { type Merged, merge } from "../model/merge";
import type { Head, PutResult, Saved } from "./api";
import type { CopyStore } from "./localCopy";

export type SaveState =
  | { readonly kind: "saved"; readonly at: string | null }
  | { readonly kind: "unsaved" }
  | { readonly kind: "saving" }
  | { readonly kind: "offline"; readonly tries: number }
  | { readonly kind: "conflict"; readonly head: Head; readonly what: readonly string[] }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "readonly" };

export interface SaverPorts {
  put(rev: number, document: GraphDocument, leaving: boolean): Promise<PutResult>;
  /** Call `run` once after `ms`; gives the function that prevents it. */
  later(ms: number, run: () => void): () => void;
  readonly copies: CopyStore;
}

export interface SaverListener {
  onState(state: SaveState): void;
  onSaved(saved: Saved): void;
  /** Somebody else's edits were joined in, or taken over; the screen has to show them. */
  onReplace(document: GraphDocument, label: string): void;
}

/** Pause after the last edit before it is saved. Milliseconds. */
export const SAVE_AFTER = 1000;
const RETRY_FIRST = 2000;
const RETRY_MOST = 30_000;
const COPY_AFTER = 150;

export type Resolution = "mine" | "theirs";

export class Saver {
  readonly #ports: SaverPorts;
  readonly #listener: SaverListener;
  #rev: number;
  /** The document of revision `#rev`, as the server holds it. */
  #base: GraphDocument;
  #document: GraphDocument;
  #state: SaveState;
  #changes = 0;
  #savedAt: string | null;
  #stopTimer: () => void = () => undefined;
  #stopCopy: (() => void) | null = null;
  #flight: Promise<void> | null = null;

  constructor(
    ports: SaverPorts,
    listener: SaverListener,
    start: { rev: number; document: GraphDocument; savedAt: string | null; canEdit: boolean },
  ) {
    this.#ports = ports;
    this.#listener = listener;
    this.#rev = start.rev;
    this.#base = start.document;
    this.#document = start.document;
    this.#savedAt = start.savedAt;
    this.#state = start.canEdit ? { kind: "saved", at: start.savedAt } : { kind: "readonly" };
  }

  get state(): SaveState {
    return this.#state;
  }
  get rev(): number {
    return this.#rev;
  }
  /** True when the server does not hold what the screen shows. */
  get pending(): boolean {
    return this.#document !== this.#base && this.#state.kind !== "readonly";
  }

  /** The screen shows another document now. */
  changed(document: GraphDocument): void {
    if (document === this.#document || this.#state.kind === "readonly") return;
    this.#document = sameParts(document, this.#base) ? this.#base : document;
    this.#changes += 1;
    if (!this.pending && !this.#flight && this.#state.kind !== "conflict") {
      this.#stopTimer();
      this.#settle(this.#savedAt);
      return;
    }
    this.#copySoon();
    if (this.#state.kind === "conflict") return;
    if (this.#state.kind !== "offline") this.#tell({ kind: "unsaved" });
    if (!this.#flight) this.#saveIn(SAVE_AFTER);
  }

  /** Save now. True once the server holds what the screen shows. */
  async flush(): Promise<boolean> {
    for (let turn = 0; turn < 3 && this.pending; turn += 1) {
      this.#stopTimer();
      await (this.#flight ?? this.#save());
      if (this.#state.kind !== "unsaved" && this.#state.kind !== "saving") break;
    }
    return !this.pending;
  }

  /** The network is back, or the person asks: do not wait for the next try. */
  retryNow(): void {
    if (this.#state.kind !== "offline" && this.#state.kind !== "refused") return;
    this.#stopTimer();
    void this.#save();
  }

  /** The page goes away: keep the local copy and send what is left, without waiting for an answer. */
  leave(): void {
    if (!this.pending) return;
    this.#copyNow();
    if (this.#state.kind !== "conflict" && !this.#flight) {
      void this.#ports.put(this.#rev, this.#document, true);
    }
  }

  /** How to go on after a conflict. */
  resolve(how: Resolution): void {
    if (this.#state.kind !== "conflict") return;
    const { head } = this.#state;
    const joined = merge(this.#base, this.#document, head.document);
    this.#adopt(head);
    if (how === "theirs") this.#show(head.document, `take over ${nameOf(head)} version`);
    else this.#show(joined.document, `join with ${nameOf(head)} changes`);
    if (this.pending) this.#saveIn(0);
    else this.#settle(head.saved_at);
  }

  #saveIn(ms: number): void {
    this.#stopTimer();
    this.#stopTimer = this.#ports.later(ms, () => void this.#save());
  }

  #save(): Promise<void> {
    if (this.#flight) return this.#flight;
    if (!this.pending) return Promise.resolve();
    this.#flight = this.#put().finally(() => {
      this.#flight = null;
    });
    return this.#flight;
  }

  async #put(): Promise<void> {
    const sent = this.#document;
    if (this.#state.kind !== "offline") this.#tell({ kind: "saving" });
    const result = await this.#ports.put(this.#rev, sent, false);
    if (result.kind === "saved") this.#take(sent, result.saved);
    else if (result.kind === "conflict") this.#meet(result.head);
    else if (result.kind === "refused") this.#tell({ kind: "refused", message: result.message });
    else this.#retryLater();
  }

  #take(sent: GraphDocument, saved: Saved): void {
    this.#base = sent;
    this.#rev = saved.rev;
    this.#listener.onSaved(saved);
    if (this.pending) {
      this.#tell({ kind: "unsaved" });
      this.#copySoon();
      this.#saveIn(SAVE_AFTER);
    } else this.#settle(saved.saved_at);
  }

  /** Someone else saved first. What does not touch the same things is joined without asking. */
  #meet(head: Head): void {
    if (equal(head.document, this.#document)) {
      this.#adopt(head);
      this.#base = this.#document;
      this.#settle(head.saved_at);
      return;
    }
    const joined: Merged = merge(this.#base, this.#document, head.document);
    if (joined.conflicts.length > 0) {
      this.#tell({ kind: "conflict", head, what: joined.conflicts });
      return;
    }
    this.#adopt(head);
    this.#show(joined.document, `join with ${nameOf(head)} changes`);
    this.#tell({ kind: "unsaved" });
    this.#saveIn(0);
  }

  #adopt(head: Head): void {
    this.#base = head.document;
    this.#rev = head.rev;
  }

  #show(document: GraphDocument, label: string): void {
    this.#document = equal(document, this.#base) ? this.#base : document;
    this.#listener.onReplace(this.#document, label);
    if (this.pending) this.#tell({ kind: "unsaved" });
  }

  #retryLater(): void {
    const tries = this.#state.kind === "offline" ? this.#state.tries + 1 : 1;
    this.#tell({ kind: "offline", tries });
    this.#saveIn(Math.min(RETRY_MOST, RETRY_FIRST * 2 ** (tries - 1)));
  }

  #settle(at: string | null): void {
    this.#changes = 0;
    this.#savedAt = at;
    this.#stopCopy?.();
    this.#stopCopy = null;
    this.#ports.copies.clear();
    this.#tell({ kind: "saved", at });
  }

  #copySoon(): void {
    this.#stopCopy ??= this.#ports.later(COPY_AFTER, () => this.#copyNow());
  }

  #copyNow(): void {
    this.#stopCopy?.();
    this.#stopCopy = null;
    this.#ports.copies.write({
      rev: this.#rev,
      base: this.#base,
      document: this.#document,
      changes: this.#changes,
    });
  }

  #tell(state: SaveState): void {
    this.#state = state;
    this.#listener.onState(state);
  }
}

function nameOf(head: Head): string {
  return head.saved_by ? `${head.saved_by}'s` : "the other";
}

/** Whether two documents share every part, as one and its undone edit do. */
function sameParts(a: GraphDocument, b: GraphDocument): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** The state in words, for the bar above the canvas. */
export function saveWords(state: SaveState, clock: (iso: string) => string): string {
  switch (state.kind) {
    case "saved":
      return state.at ? `Saved ${clock(state.at)}` : "Saved";
    case "unsaved":
      return "Unsaved changes";
    case "saving":
      return "Saving…";
    case "offline":
      return "Not saved: offline, retrying";
    case "conflict":
      return "Not saved: conflict";
    case "refused":
      return "Not saved";
    case "readonly":
      return "Read only";
  }
}
