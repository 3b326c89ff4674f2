import { connectRun, type RunLink } from "../live/connectRun";
import type { LinkState } from "../live/state";
import { addressOf, type RunBoot } from "./boot";
import { LogBook, type LogRow } from "./logLines";
import { RunRecord } from "./record";
import { hasEnded } from "./view";

/** Readers are told at most this often, in milliseconds, however fast events come. */
const TELL_MS = 50;

/** The run of a page: its journal so far, the link that brings more, and who wants to know. */
export class RunStore {
  readonly boot: RunBoot;
  readonly record = new RunRecord();
  readonly #book: LogBook;
  readonly #readers = new Set<() => void>();
  #link: LinkState = { kind: "connecting" };
  #connection: RunLink | null = null;
  #version = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(boot: RunBoot) {
    this.boot = boot;
    this.#book = new LogBook(boot.document);
    this.record.append(boot.events);
  }

  /** Follow the run until it ends. A run that is over and whole needs no link. */
  open(): () => void {
    if (this.complete) this.#link = { kind: "ended", status: this.record.head.status };
    else this.#connect();
    const retry = () => this.#connection?.retryNow();
    window.addEventListener("online", retry);
    return () => {
      window.removeEventListener("online", retry);
      this.#connection?.close();
    };
  }

  readonly subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  };

  /** Grows with each change. */
  readonly version = (): number => this.#version;

  get link(): LinkState {
    return this.#link;
  }

  /** Every line of the log so far. The list grows in place; `version` tells when. */
  get rows(): readonly LogRow[] {
    return this.#book.update(this.record.events);
  }

  /** The run is over and the page has its whole journal. */
  get complete(): boolean {
    return hasEnded(this.record.head.status) && this.record.last >= this.boot.run.head;
  }

  /** How much of the journal that was there when the page was made is still to come, in events. */
  get missing(): number {
    return Math.max(0, this.boot.run.head - this.record.last);
  }

  #connect(): void {
    const { id } = this.boot.run;
    this.#connection = connectRun(id, {
      after: this.record.last,
      socketPath: addressOf(this.boot.urls.ws, id),
      eventsPath: `${this.boot.urls.api}/runs/${id}/events`,
      onEvents: (events) => {
        if (this.record.append(events)) this.#tell();
      },
      onState: (state) => {
        this.#link = state;
        this.#tell();
      },
    });
  }

  #tell(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#version += 1;
      for (const reader of this.#readers) reader();
    }, TELL_MS);
  }
}
