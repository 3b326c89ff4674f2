import { connectRun, type RunLink } from "../live/connectRun";
import type { RunEvent } from "../live/events";
import { getJson } from "../live/http";
import type { LinkState } from "../live/state";
import { addressOf, type RunItem } from "../run/boot";
import { fold } from "../run/fold";
import { EMPTY_VIEW, hasEnded, type RunView } from "../run/view";
import type { ReviewUrls } from "./boot";
import { type Report, readReport, reportSoFar } from "./report";
import { sourcesOf, type Texts, versionsOf } from "./versions";

/** While the review runs its state is read at most this often, in milliseconds. */
const READ_MS = 200;

type State = Readonly<Record<string, unknown>>;

/** Everything the page shows of one review. */
export interface ReviewData {
  readonly view: RunView;
  readonly report: Report | null;
  /** The report is the last word, not only what was found so far. */
  readonly final: boolean;
  /** The code as it stands, by path. */
  readonly texts: Texts;
  /** The code before the first pass, after it, and so on; see `versionsOf`. */
  readonly versions: readonly (Texts | null)[];
  /** All fixes as one patch; empty when nothing was changed. */
  readonly patch: string;
  readonly link: LinkState;
  /** Why the state could not be read. */
  readonly problem: string | null;
}

/** One review: follows its run and reads what it found so far. */
export class ReviewStore {
  readonly run: RunItem;
  readonly urls: ReviewUrls;
  #data: ReviewData;
  readonly #readers = new Set<() => void>();
  #connection: RunLink | null = null;
  #reading = false;
  #again = false;
  #closed = false;

  constructor(run: RunItem, report: State | null, urls: ReviewUrls) {
    this.run = run;
    this.urls = urls;
    this.#data = {
      view: { ...EMPTY_VIEW, status: run.status },
      report: report ? readReport(report) : null,
      final: report !== null,
      texts: new Map(),
      versions: [],
      patch: "",
      link: { kind: "connecting" },
      problem: null,
    };
  }

  readonly subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  };

  readonly data = (): ReviewData => this.#data;

  /** Read the review, and follow it until its run ends. Returns what stops that. */
  open(): () => void {
    const { id } = this.run;
    this.#connection = connectRun(id, {
      after: 0,
      socketPath: addressOf(this.urls.ws, id),
      eventsPath: `${this.urls.api}/runs/${id}/events`,
      onEvents: (events) => this.#take(events),
      onState: (link) => this.#set({ link }),
    });
    return () => {
      this.#closed = true;
      this.#connection?.close();
    };
  }

  #take(events: readonly RunEvent[]): void {
    this.#set({ view: fold(this.#data.view, events) });
    const wrote = events.some((event) => event.k === "attempt.succeeded");
    if (wrote || hasEnded(this.#data.view.status)) this.#read();
  }

  /** One reading at a time; what came meanwhile leads to one more. */
  #read(): void {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    const { id } = this.run;
    getJson<{ state: State }>(`${this.urls.api}/runs/${id}/state`)
      .then(
        ({ state }) => this.#show(state),
        (error: Error) => this.#set({ problem: error.message }),
      )
      .finally(() => setTimeout(() => this.#rested(), READ_MS));
  }

  #rested(): void {
    this.#reading = false;
    if (!this.#again || this.#closed) return;
    this.#again = false;
    this.#read();
  }

  #show(state: State): void {
    const whole = state.report as State | null | undefined;
    const report = whole ? readReport(whole) : reportSoFar(state);
    const texts = sourcesOf(state);
    const versions = versionsOf(texts, report.passes);
    const patch = typeof state.patch === "string" ? state.patch : "";
    this.#set({ report, final: Boolean(whole), texts, versions, patch, problem: null });
  }

  #set(change: Partial<ReviewData>): void {
    if (this.#closed) return;
    this.#data = { ...this.#data, ...change };
    for (const reader of this.#readers) reader();
  }
}
