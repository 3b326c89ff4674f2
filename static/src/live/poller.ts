import type { EventPage, LinkPorts } from "./ports";
import { PAGE_SIZE, RefusedError } from "./ports";
import { Timers } from "./timers";

/** How often the API is asked while sockets are blocked. */
export const POLL_MS = 1_000;

/** What the poller needs of its link. */
export interface PollListener {
  /** The position to ask after. */
  position(): number;
  onPage(page: EventPage): void;
  onRefused(status: number): void;
  /** The API did not answer; returns how long to wait, in milliseconds. */
  onFailed(): number;
}

/** Asks the API for events, page after page, until stopped. */
export class Poller {
  readonly #ports: LinkPorts;
  readonly #listener: PollListener;
  readonly #timers: Timers<"poll">;
  #round = 0;
  #on = false;

  constructor(ports: LinkPorts, listener: PollListener) {
    this.#ports = ports;
    this.#listener = listener;
    this.#timers = new Timers(ports);
  }

  get running(): boolean {
    return this.#on;
  }

  start(): void {
    if (this.#on) return;
    this.#on = true;
    this.#ask();
  }

  stop(): void {
    this.#on = false;
    this.#round += 1;
    this.#timers.clearAll();
  }

  #ask(): void {
    const round = ++this.#round;
    this.#ports.fetchEvents(this.#listener.position()).then(
      (page) => {
        if (round === this.#round) this.#answer(page);
      },
      (error: unknown) => {
        if (round === this.#round) this.#fail(error);
      },
    );
  }

  #answer(page: EventPage): void {
    this.#listener.onPage(page);
    if (this.#on) this.#again(page.items.length < PAGE_SIZE ? POLL_MS : 0);
  }

  #fail(error: unknown): void {
    if (error instanceof RefusedError) this.#listener.onRefused(error.status);
    else this.#again(this.#listener.onFailed());
  }

  #again(ms: number): void {
    this.#timers.set("poll", ms, () => this.#ask());
  }
}
