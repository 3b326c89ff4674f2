import type { Frame } from "./frames";
import { FrameError, readFrame } from "./frames";
import type { LinkPorts, SocketPort } from "./ports";
import { Timers } from "./timers";

/** Longest silence before the line counts as dead; the server beats every 15 s. */
export const SILENCE_MS = 40_000;
/** Longest wait for the greeting of a new socket. */
export const GREETING_MS = 10_000;
/** An acknowledgement goes out after this many events … */
export const ACK_EVENTS = 100;
/** … or this long after the first one that was not acknowledged. */
export const ACK_MS = 1_000;

/** What a socket reports to its link. Nothing more comes after `onLost`. */
export interface SocketListener {
  /** A frame arrived; false means it does not join on and the socket is of no use any more. */
  onFrame(frame: Frame): boolean;
  onLost(code: number): void;
}

/** One connection from greeting to loss: reads frames, acknowledges, and listens for silence. */
export class RunSocket {
  readonly #port: SocketPort;
  readonly #listener: SocketListener;
  readonly #timers: Timers<"silence" | "ack">;
  #lost = false;
  #seen = 0;
  #waiting = 0;

  constructor(ports: LinkPorts, after: number, listener: SocketListener) {
    this.#listener = listener;
    this.#timers = new Timers(ports);
    this.#port = ports.openSocket(after);
    this.#port.onmessage = (text) => this.#receive(text);
    this.#port.onclose = (code) => this.#lose(code);
    this.#timers.set("silence", GREETING_MS, () => this.#lose(1006));
  }

  /** Close without a report. */
  close(): void {
    this.#stop();
  }

  /** Note that events up to `seq` were taken, `fresh` of them new. */
  taken(seq: number, fresh: number): void {
    if (fresh === 0) return;
    this.#seen = seq;
    this.#waiting += fresh;
    if (this.#waiting >= ACK_EVENTS) this.#acknowledge();
    else if (!this.#timers.has("ack")) this.#timers.set("ack", ACK_MS, () => this.#acknowledge());
  }

  #receive(text: string): void {
    if (this.#lost) return;
    this.#timers.set("silence", SILENCE_MS, () => this.#lose(1006));
    try {
      const frame = readFrame(text);
      if (frame && !this.#listener.onFrame(frame)) this.#lose(1006);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#lose(1006);
    }
  }

  #acknowledge(): void {
    this.#timers.clear("ack");
    this.#waiting = 0;
    this.#port.send(JSON.stringify({ t: "ack", seq: this.#seen }));
  }

  #lose(code: number): void {
    if (this.#lost) return;
    this.#stop();
    this.#listener.onLost(code);
  }

  #stop(): void {
    this.#lost = true;
    this.#timers.clearAll();
    this.#port.onmessage = null;
    this.#port.onclose = null;
    this.#port.close();
  }
}
