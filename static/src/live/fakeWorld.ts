import type { RunEvent } from "./events";
import { type EventPage, type LinkPorts, RefusedError, type SocketPort } from "./ports";

/** A journal of `count` events; the last one ends the run. */
export function journal(count: number): RunEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    seq: index + 1,
    ts: "2026-11-23T10:00:00.000Z",
    k: index === count - 1 ? "run.completed" : "log",
    node: null,
    act: null,
    att: null,
    data: {},
  }));
}

/** A socket whose server side a test plays. */
export class FakeSocket implements SocketPort {
  onopen: (() => void) | null = null;
  onmessage: ((text: string) => void) | null = null;
  onclose: ((code: number, reason: string) => void) | null = null;
  readonly after: number;
  readonly sent: unknown[] = [];
  closed = false;

  constructor(after: number) {
    this.after = after;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  /** A frame from the server. */
  say(frame: unknown): void {
    this.onmessage?.(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  hello(head: number, first = 1): void {
    this.say({ t: "hello", v: 1, run: "r", status: "running", after: this.after, head, first });
  }

  events(all: readonly RunEvent[], from: number, to: number): void {
    this.say({ t: "ev", from, to, ev: all.slice(from - 1, to) });
  }

  /** The server or the network ends it. */
  drop(code = 1006): void {
    this.closed = true;
    this.onclose?.(code, "");
  }
}

/** Virtual time, sockets and the API. Nothing happens until `pass` moves the clock. */
export class FakeWorld implements LinkPorts {
  readonly sockets: FakeSocket[] = [];
  /** Called for each new socket, after it was handed out. */
  onSocket: ((socket: FakeSocket) => void) | null = null;
  /** What the API answers: a page, a status that refuses, or null for no answer. */
  api: (after: number) => EventPage | number | null = () => null;
  asked = 0;
  now = 0;
  chance = 0;
  #timers: { at: number; callback: () => void; id: number }[] = [];
  #ids = 0;

  openSocket(after: number): SocketPort {
    const socket = new FakeSocket(after);
    this.sockets.push(socket);
    this.after(0, () => this.onSocket?.(socket));
    return socket;
  }

  async fetchEvents(after: number): Promise<EventPage> {
    this.asked += 1;
    const answer = this.api(after);
    if (typeof answer === "number") throw new RefusedError(answer);
    if (answer === null) throw new Error("no answer");
    return answer;
  }

  after(ms: number, callback: () => void): () => void {
    const id = ++this.#ids;
    this.#timers.push({ at: this.now + ms, callback, id });
    return () => {
      this.#timers = this.#timers.filter((timer) => timer.id !== id);
    };
  }

  random(): number {
    return this.chance;
  }

  get socket(): FakeSocket {
    const socket = this.sockets[this.sockets.length - 1];
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }

  get waiting(): number {
    return this.#timers.length;
  }

  /** Let `ms` pass, timer by timer, with answers of the API in between. */
  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    for (let next = this.#due(until); next; next = this.#due(until)) {
      this.now = next.at;
      next.callback();
      await settle();
    }
    this.now = until;
  }

  #due(until: number) {
    const due = this.#timers.filter((timer) => timer.at <= until);
    due.sort((a, b) => a.at - b.at || a.id - b.id);
    const next = due[0];
    this.#timers = this.#timers.filter((timer) => timer !== next);
    return next;
  }
}

/** Let everything that was promised happen. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 4; i += 1) await Promise.resolve();
}
