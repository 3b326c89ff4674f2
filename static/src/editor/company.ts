/**
 * Who else has this workflow open, and word of their saves. The line may break and come back; the
 * editor does not need it: what is missed is met at the next save.
 */
import { retryDelay } from "../live/backoff";
import type { SocketPort } from "../live/ports";
import { Timers } from "../live/timers";
import { isObject } from "../model/document";

export interface Person {
  readonly name: string;
  readonly can_edit: boolean;
}

export interface CompanyPorts {
  openSocket(): SocketPort;
  /** Call back after `ms`; the answer cancels it. */
  after(ms: number, callback: () => void): () => void;
  /** A number in [0, 1). */
  random(): number;
}

export interface CompanyListener {
  /** Everybody but this person; empty also while nobody knows. */
  onPeople(people: readonly Person[]): void;
  /** The draft is at this revision. */
  onRevision(rev: number): void;
}

/** Longest silence before the line counts as dead; the server beats every 15 s. */
export const SILENCE_MS = 40_000;
/** Not signed in, not allowed, not there, too many sockets: trying again would not help. */
const FINAL = new Set([4400, 4401, 4403, 4404, 4409]);

export class Company {
  readonly #ports: CompanyPorts;
  readonly #listener: CompanyListener;
  readonly #timers: Timers<"silence" | "retry">;
  #socket: SocketPort | null = null;
  #failures = 0;

  constructor(ports: CompanyPorts, listener: CompanyListener) {
    this.#ports = ports;
    this.#listener = listener;
    this.#timers = new Timers(ports);
  }

  /** Open the line; at once, also while it waits for its next try. */
  open(): void {
    if (this.#socket) return;
    this.#timers.clearAll();
    let socket: SocketPort;
    try {
      socket = this.#ports.openSocket();
    } catch {
      // A browser may refuse to make the socket at all; that is a lost one, not a broken page.
      this.#lost(1006);
      return;
    }
    this.#socket = socket;
    socket.onmessage = (text) => this.#hear(text);
    socket.onclose = (code) => this.#lost(code);
    this.#timers.set("silence", SILENCE_MS, () => this.#lost(1006));
  }

  close(): void {
    this.#hangUp();
    this.#timers.clearAll();
  }

  #hear(text: string): void {
    this.#timers.set("silence", SILENCE_MS, () => this.#lost(1006));
    this.#failures = 0;
    const said = parsed(text);
    if (Array.isArray(said.who)) this.#listener.onPeople(said.who.filter(isPerson));
    if (typeof said.rev === "number") this.#listener.onRevision(said.rev);
  }

  #lost(code: number): void {
    this.#hangUp();
    this.#timers.clearAll();
    this.#listener.onPeople([]);
    if (FINAL.has(code)) return;
    this.#failures += 1;
    const wait = retryDelay(this.#failures, this.#ports.random());
    this.#timers.set("retry", wait, () => this.open());
  }

  #hangUp(): void {
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }
}

/** Words of a later release are passed over. */
function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function isPerson(value: unknown): value is Person {
  return isObject(value) && typeof value.name === "string" && typeof value.can_edit === "boolean";
}
