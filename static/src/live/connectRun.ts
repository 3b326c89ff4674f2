import { retryDelay } from "./backoff";
import { Cursor } from "./cursor";
import { endingOf, type RunEvent } from "./events";
import type { Frame } from "./frames";
import { Poller } from "./poller";
import { browserPorts, type EventPage, type LinkPorts } from "./ports";
import { RunSocket } from "./socket";
import type { LinkState } from "./state";
import { Timers } from "./timers";

/** So many sockets must fail in a row before the API is asked instead. */
export const FAILURES_BEFORE_POLLING = 3;

export interface RunListener {
  /** New events, each exactly once, in the order of the journal. */
  onEvents(events: readonly RunEvent[]): void;
  onState?(state: LinkState): void;
  /** The run is over and every event was given. Called once; the link is closed then. */
  onEnd?(status: string): void;
}

export interface RunLinkOptions extends RunListener {
  /** The last position the page already has; 0 for none. */
  readonly after: number;
  readonly socketPath?: string;
  readonly eventsPath?: string;
  /** The world outside; a browser page leaves it out. */
  readonly ports?: LinkPorts;
}

/** A followed run. */
export interface RunLink {
  close(): void;
  /** Try again at once, for example when the network came back. */
  retryNow(): void;
}

/**
 * Follow a run over `treadle.v1`. Lost connections are taken up again where they broke; when
 * sockets do not get through at all the API is asked instead, and sockets are still tried.
 */
export function connectRun(runId: string, options: RunLinkOptions): RunLink {
  const socketPath = options.socketPath ?? `/ws/run/${runId}`;
  const eventsPath = options.eventsPath ?? `/api/v1/runs/${runId}/events`;
  const link = new Link(options.ports ?? browserPorts(socketPath, eventsPath), options);
  link.open();
  return link;
}

const REFUSED_BY_SOCKET: Readonly<Record<number, 401 | 403 | 404>> = {
  4401: 401,
  4403: 403,
  4404: 404,
};
const REFUSALS: Readonly<Record<number, "signed-out" | "forbidden" | "gone">> = {
  401: "signed-out",
  403: "forbidden",
  404: "gone",
};

class Link implements RunLink {
  readonly #ports: LinkPorts;
  readonly #listener: RunListener;
  readonly #cursor: Cursor;
  readonly #timers: Timers<"retry">;
  readonly #poller: Poller;
  #socket: RunSocket | null = null;
  #failures = 0;
  #pollFailures = 0;
  /** The final status, once its event was seen. */
  #ending: string | null = null;
  #told: LinkState["kind"] | null = null;
  #done = false;

  constructor(ports: LinkPorts, options: RunLinkOptions) {
    this.#ports = ports;
    this.#listener = options;
    this.#cursor = new Cursor(options.after);
    this.#timers = new Timers(ports);
    this.#poller = new Poller(ports, {
      position: () => this.#cursor.last,
      onPage: (page) => this.#takePage(page),
      onRefused: (status) => this.#refuse(status),
      onFailed: () => this.#pollFailed(),
    });
  }

  open(): void {
    this.#tell({ kind: "connecting" });
    this.#connect();
  }

  close(): void {
    if (!this.#done) this.#finish({ kind: "closed" });
  }

  retryNow(): void {
    if (!this.#done && this.#timers.has("retry")) this.#connect();
  }

  #connect(): void {
    this.#timers.clear("retry");
    try {
      this.#socket = new RunSocket(this.#ports, this.#cursor.last, {
        onFrame: (frame) => this.#takeFrame(frame),
        onLost: (code) => this.#lost(code),
      });
    } catch {
      // A browser may refuse to make the socket at all; that is a lost one, not a broken page.
      this.#lost(1006);
    }
  }

  #takeFrame(frame: Frame): boolean {
    switch (frame.t) {
      case "hello":
        return this.#greet(frame.v, frame.first);
      case "ev":
        return this.#takeEvents(frame.from, frame.to, frame.ev);
      case "hb":
        return this.#beat(frame.head);
      case "trim":
        this.#cursor.skipTo(frame.first);
        return true;
      case "end":
        return this.#end(frame.head, frame.status);
    }
  }

  #greet(version: number, first: number): boolean {
    if (version !== 1) return false;
    this.#cursor.skipTo(first);
    this.#poller.stop();
    this.#tell({ kind: "live" });
    return true;
  }

  #beat(head: number): boolean {
    if (head > this.#cursor.last) return false;
    this.#failures = 0;
    return true;
  }

  #takeEvents(from: number, to: number, events: readonly RunEvent[]): boolean {
    const fresh = this.#cursor.takeRange(from, to, events);
    if (!fresh) return false;
    if (fresh.length > 0) this.#failures = 0;
    this.#give(fresh);
    this.#socket?.taken(this.#cursor.last, fresh.length);
    return true;
  }

  #end(head: number, status: string): boolean {
    if (head > this.#cursor.last) return false;
    this.#finish({ kind: "ended", status });
    return true;
  }

  #takePage(page: EventPage): void {
    this.#pollFailures = 0;
    this.#tell({ kind: "polling" });
    this.#give(this.#cursor.takePage(page.items));
    if (this.#ending && this.#cursor.last >= page.head) {
      this.#finish({ kind: "ended", status: this.#ending });
    }
  }

  #give(fresh: readonly RunEvent[]): void {
    if (fresh.length === 0) return;
    for (const event of fresh) this.#ending = endingOf(event) ?? this.#ending;
    this.#listener.onEvents(fresh);
  }

  #lost(code: number): void {
    this.#socket = null;
    if (this.#done) return;
    const refused = REFUSED_BY_SOCKET[code];
    if (refused) this.#refuse(refused);
    else this.#retryLater();
  }

  #retryLater(): void {
    this.#failures += 1;
    const delayMs = retryDelay(this.#failures, this.#ports.random());
    this.#timers.set("retry", delayMs, () => this.#connect());
    if (this.#failures >= FAILURES_BEFORE_POLLING) this.#poller.start();
    else this.#tell({ kind: "retrying", failures: this.#failures, delayMs });
  }

  #pollFailed(): number {
    this.#pollFailures += 1;
    const delayMs = retryDelay(this.#pollFailures, this.#ports.random());
    this.#tell({ kind: "offline", delayMs });
    return delayMs;
  }

  #refuse(status: number): void {
    this.#finish({ kind: "refused", why: REFUSALS[status] ?? "forbidden" });
  }

  #finish(state: LinkState): void {
    this.#done = true;
    this.#timers.clearAll();
    this.#poller.stop();
    this.#socket?.close();
    this.#socket = null;
    this.#tell(state);
    if (state.kind === "ended") this.#listener.onEnd?.(state.status);
  }

  #tell(state: LinkState): void {
    if (state.kind === "polling" && this.#told === "polling") return;
    this.#told = state.kind;
    this.#listener.onState?.(state);
  }
}
