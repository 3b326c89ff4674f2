import type { RunEvent } from "./events";
import { eventList } from "./frames";
import { speaking } from "./http";

/** The part of a WebSocket the link needs; tests give their own. */
export interface SocketPort {
  onopen: (() => void) | null;
  onmessage: ((text: string) => void) | null;
  /** Called once, also when the connection could not be made. */
  onclose: ((code: number, reason: string) => void) | null;
  send(text: string): void;
  close(): void;
}

/** A page of the journal as the API gives it. */
export interface EventPage {
  readonly items: readonly RunEvent[];
  readonly head: number;
}

/** The world outside the link: sockets, the API, time and chance. */
export interface LinkPorts {
  openSocket(after: number): SocketPort;
  fetchEvents(after: number): Promise<EventPage>;
  /** Call back after `ms`; the answer cancels it. */
  after(ms: number, callback: () => void): () => void;
  /** A number in [0, 1). */
  random(): number;
}

/** The API refused for good: signed out (401), not allowed (403) or no such run (404). */
export class RefusedError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the server refused with ${status}`);
    this.status = status;
  }
}

/** How many events one page of the API may hold. */
export const PAGE_SIZE = 500;

/** The ports of a browser page. `socketPath` and `eventsPath` are paths on this server. */
export function browserPorts(socketPath: string, eventsPath: string): LinkPorts {
  return {
    openSocket: (after) => openBrowserSocket(socketUrl(socketPath, after), "treadle.v1"),
    fetchEvents: (after) => fetchPage(`${eventsPath}?after=${after}&limit=${PAGE_SIZE}`),
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
  };
}

function socketUrl(path: string, after: number): string {
  return `${path}?after=${after}&language=${document.documentElement.lang}`;
}

/** A socket to a path of this server. */
export function openBrowserSocket(path: string, protocol: string): SocketPort {
  const url = new URL(path, window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url.href, protocol);
  const port: SocketPort = {
    onopen: null,
    onmessage: null,
    onclose: null,
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(),
  };
  socket.onopen = () => port.onopen?.();
  socket.onmessage = (message) => port.onmessage?.(String(message.data));
  socket.onclose = (event) => port.onclose?.(event.code, event.reason);
  return port;
}

async function fetchPage(url: string): Promise<EventPage> {
  const response = await fetch(url, {
    credentials: "same-origin",
    headers: speaking(),
    cache: "no-store",
  });
  if ([401, 403, 404].includes(response.status)) throw new RefusedError(response.status);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const body = (await response.json()) as { items: unknown; head?: unknown };
  const items = eventList(body.items);
  const head = typeof body.head === "number" ? body.head : (items[items.length - 1]?.seq ?? 0);
  return { items, head };
}
