/**
 * Keeps the draft on the server equal to the document on the screen, and always knows the truth
 * about it. One save is under way at a time; edits made meanwhile go with the next. Nothing here
 * knows the page: time, network and the journal are passed in.
 */
import { placed } from "../canvas/placed";
import type { GraphDocument } from "../model/document";
import { equal } from "../model/equal";
import { type Conflict, merge, placeOf, type Side } from "../model/merge";
import { t } from "../words/t";
import type { Head, PutResult, Saved } from "./api";
import type { Ground, JournalPort } from "./journal/journal";

export type SaveState =
  | { readonly kind: "saved"; readonly at: string | null }
  | { readonly kind: "unsaved" }
  | { readonly kind: "saving" }
  | { readonly kind: "offline"; readonly tries: number }
  | { readonly kind: "conflict"; readonly head: Head; readonly conflicts: readonly Conflict[] }
  /** Nearly all steps would be gone: the server wants to hear that this is meant. */
  | { readonly kind: "shrinks"; readonly message: string }
  | { readonly kind: "refused"; readonly message: string }
  /** This person may not change the workflow any more. */
  | { readonly kind: "forbidden"; readonly message: string; readonly gone?: boolean }
  | { readonly kind: "readonly" };

export interface SaverPorts {
  put(rev: number, document: GraphDocument, how: PutOptions): Promise<PutResult>;
  /** Call `run` once after `ms`; gives the function that prevents it. */
  later(ms: number, run: () => void): () => void;
  readonly journal: JournalPort;
}

export interface PutOptions {
  /** The page goes away: the request must outlive it. */
  readonly leaving?: boolean;
  readonly shrink?: boolean;
}

export interface SaverListener {
  onState(state: SaveState): void;
  /** The server holds this document now. */
  onSaved(saved: Saved, document: GraphDocument): void;
  /** Somebody else's edits were joined with own ones, or taken over; the screen shows them. */
  onReplace(document: GraphDocument, head: Head, joined: boolean): void;
}

/** What the page begins with: the server's draft, and the edits on it that were left unsaved. */
export interface SaverStart extends Ground {
  readonly savedAt: string | null;
  readonly canEdit: boolean;
  readonly unsaved?: { readonly document: GraphDocument; readonly changes: number };
}

/** Pause after the last edit before it is saved. Milliseconds. */
export const SAVE_AFTER = 1000;
const RETRY_FIRST = 2000;
const RETRY_MOST = 30_000;
const UNANSWERED_MOST = 5;
/** A journal that hangs must not keep the work from the server as well. */
const JOURNAL_PATIENCE = 1000;

export type Choices = ReadonlyMap<string, Side>;

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
  #flight: Promise<void> | null = null;
  /** Sent without an answer: one of them may have arrived all the same. */
  #unanswered: readonly GraphDocument[] = [];
  /** Heard of while a save was under way. */
  #heard: Head | null = null;
  #shrink = false;

  constructor(ports: SaverPorts, listener: SaverListener, start: SaverStart) {
    this.#ports = ports;
    this.#listener = listener;
    this.#rev = start.rev;
    this.#base = start.base;
    this.#document = start.unsaved?.document ?? start.base;
    this.#changes = start.unsaved?.changes ?? 0;
    this.#savedAt = start.savedAt;
    if (!start.canEdit) this.#state = { kind: "readonly" };
    else this.#state = this.pending ? { kind: "unsaved" } : { kind: "saved", at: start.savedAt };
  }

  get state(): SaveState {
    return this.#state;
  }
  get rev(): number {
    return this.#rev;
  }
  get changes(): number {
    return this.#changes;
  }
  /** True when the server does not hold what the screen shows. */
  get pending(): boolean {
    return this.#document !== this.#base && this.#state?.kind !== "readonly";
  }

  /**
   * The screen shows another document now.
   * @param goesOn it is more of the edit before, such as the next letter of a text
   */
  changed(document: GraphDocument, label: string, goesOn = false): void {
    if (document === this.#document || this.#state.kind === "readonly") return;
    const before = this.#document;
    this.#document = sameParts(document, this.#base) ? this.#base : document;
    if (!this.pending && !this.#flight && this.#state.kind !== "conflict") {
      this.#stopTimer();
      this.#settle(this.#savedAt);
      return;
    }
    const edit = { label, count: goesOn && this.#changes > 0 ? 0 : 1 };
    this.#ports.journal.append(this.#ground(), before, this.#document, edit, this.#changes);
    this.#changes += edit.count;
    const { kind } = this.#state;
    if (kind === "forbidden") return;
    if (this.#state.kind === "conflict") {
      this.#meet(this.#state.head);
      return;
    }
    if (kind !== "offline") this.#tell({ kind: "unsaved" });
    if (!this.#flight) this.#saveIn(SAVE_AFTER);
  }

  /**
   * Go on with edits that an earlier visit left; `head` is the draft that the page came with. An
   * older one than they were made on is nobody's answer to them: the server has its say by the save.
   */
  goOn(head: Head): void {
    const known = head.rev === this.#rev && equal(placed(head.document), this.#base);
    if (known || head.rev < this.#rev) this.#saveIn(0);
    else this.#meet(head);
  }

  /** Save now. True once the server holds what the screen shows. */
  async flush(): Promise<boolean> {
    for (let turn = 0; turn < 3 && this.pending && !this.#stands(); turn += 1) {
      this.#stopTimer();
      await (this.#flight ?? this.#save());
      if (this.#state.kind !== "unsaved" && this.#state.kind !== "saving") break;
    }
    return !this.pending;
  }

  /** Resolves when no save is under way. */
  async idle(): Promise<void> {
    while (this.#flight) await this.#flight;
  }

  /** The network is back, or the person asks: do not wait for the next try. */
  retryNow(): void {
    if (this.#state.kind !== "offline" && this.#state.kind !== "refused") return;
    this.#stopTimer();
    void this.#save();
  }

  /** Yes, the steps that are gone are meant to be gone: from what was refused, else from what comes next. */
  confirmShrink(): void {
    this.#shrink = true;
    if (this.#state.kind === "shrinks") void this.#save();
  }

  /** The page goes away: send what is left. The journal has it already. */
  leave(): void {
    if (!this.pending || this.#stands()) return;
    this.#stopTimer();
    // A save that is under way ends with the page, whatever becomes of it.
    if (this.#flight) void this.#send(this.#document, { leaving: true });
    else void this.#save({ leaving: true });
  }

  /** Whether this revision, or a later one, was met already. */
  knows(rev: number): boolean {
    return rev <= (this.#state.kind === "conflict" ? this.#state.head.rev : this.#rev);
  }

  /** The server holds a newer draft than the one this page knows. */
  heard(head: Head): void {
    if (this.knows(head.rev)) return;
    if (this.#flight) this.#heard = head;
    else this.#meet(head);
  }

  /** How to go on after a conflict: what to keep in each place. Without a word of it, mine. */
  resolve(choices: Choices): void {
    if (this.#state.kind !== "conflict") return;
    const { head } = this.#state;
    const choose = (conflict: Conflict) => choices.get(placeOf(conflict)) ?? "mine";
    this.#join(head, merge(this.#base, this.#document, head.document, choose).document);
  }

  #ground(): Ground {
    return { rev: this.#rev, base: this.#base };
  }

  #restart(label: string): void {
    this.#changes = Math.max(1, this.#changes);
    const edit = { label, count: this.#changes };
    this.#ports.journal.restart(this.#ground(), this.#document, edit);
  }

  /** Whether saving waits for a word of the person. */
  #stands(): boolean {
    return ["conflict", "shrinks", "forbidden", "readonly"].includes(this.#state.kind);
  }

  #saveIn(ms: number): void {
    this.#stopTimer();
    this.#stopTimer = this.#ports.later(ms, () => void this.#save());
  }

  #save(how: PutOptions = {}): Promise<void> {
    if (this.#flight) return this.#flight;
    if (!this.pending) return Promise.resolve();
    this.#flight = this.#put(how).finally(() => {
      this.#flight = null;
      const heard = this.#heard;
      this.#heard = null;
      if (heard) this.heard(heard);
    });
    return this.#flight;
  }

  async #put(how: PutOptions): Promise<void> {
    const sent = this.#document;
    const changes = this.#changes;
    if (this.#state.kind !== "offline") this.#tell({ kind: "saving" });
    // First written down here, then sent; a page that goes away has no time to wait.
    if (!how.leaving) await this.#written();
    const result = await this.#send(sent, how);
    if (result.kind === "saved") this.#take(sent, changes, result.saved);
    else if (result.kind === "conflict") this.#meet(result.head);
    else if (result.kind === "offline") this.#retryLater(sent);
    else this.#tell(result);
  }

  #send(document: GraphDocument, how: PutOptions): Promise<PutResult> {
    return this.#ports.put(this.#rev, document, { ...how, shrink: this.#shrink });
  }

  #written(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#ports.later(JOURNAL_PATIENCE, resolve);
      void this.#ports.journal.settled().then(() => {
        stop();
        resolve();
      });
    });
  }

  #take(sent: GraphDocument, changes: number, saved: Saved): void {
    this.#base = sent;
    this.#rev = saved.rev;
    this.#unanswered = [];
    this.#shrink = false;
    this.#listener.onSaved(saved, sent);
    if (this.pending) {
      this.#changes -= changes;
      this.#restart("changes");
      this.#tell({ kind: "unsaved" });
      this.#saveIn(SAVE_AFTER);
    } else this.#settle(saved.saved_at);
  }

  /** Someone else saved. What does not touch the same fields is joined without asking. */
  #meet(answer: Head): void {
    const head = { ...answer, document: placed(answer.document) };
    // What this page sent had arrived, although the answer did not.
    const arrived = this.#unanswered.some((sent) => equal(head.document, sent));
    if (arrived || equal(head.document, this.#document)) this.#join(head, this.#document);
    else if (!this.pending) this.#join(head, head.document);
    else this.#merge(head);
  }

  #merge(head: Head): void {
    const { document, conflicts } = merge(this.#base, this.#document, head.document);
    if (conflicts.length === 0) {
      this.#join(head, document);
      return;
    }
    this.#stopTimer();
    this.#tell({ kind: "conflict", head, conflicts });
  }

  /** Go on from the other side's draft with this document. */
  #join(head: Head, document: GraphDocument): void {
    const before = this.#document;
    const joined = this.pending;
    this.#base = head.document;
    this.#rev = head.rev;
    this.#unanswered = [];
    this.#document = equal(document, this.#base) ? this.#base : document;
    if (!equal(before, this.#document)) this.#listener.onReplace(this.#document, head, joined);
    else this.#document = this.pending ? before : this.#keep(before);
    if (this.#state.kind === "readonly") return;
    if (!this.pending) {
      this.#settle(head.saved_at);
      return;
    }
    this.#restart(t("joined changes"));
    this.#tell({ kind: "unsaved" });
    this.#saveIn(0);
  }

  /** The server holds the same as the screen: the screen's parts stay, so that undo knows them. */
  #keep(document: GraphDocument): GraphDocument {
    this.#base = document;
    return document;
  }

  #retryLater(sent: GraphDocument): void {
    this.#unanswered = [...this.#unanswered, sent].slice(-UNANSWERED_MOST);
    const tries = this.#state.kind === "offline" ? this.#state.tries + 1 : 1;
    this.#tell({ kind: "offline", tries });
    this.#saveIn(Math.min(RETRY_MOST, RETRY_FIRST * 2 ** (tries - 1)));
  }

  #settle(at: string | null): void {
    this.#changes = 0;
    this.#savedAt = at;
    this.#shrink = false;
    this.#ports.journal.clear();
    this.#tell({ kind: "saved", at });
  }

  #tell(state: SaveState): void {
    this.#state = state;
    this.#listener.onState(state);
  }
}

/** Whether two documents share every part, as one and its undone edit do. */
function sameParts(a: GraphDocument, b: GraphDocument): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
