/**
 * The other tabs of this browser that have the same workflow open. What one of them saved the
 * others show at once, so that two tabs of one person never stand against each other.
 */
import { isObject, toDocument } from "../model/document";
import type { Head } from "./api";

/** The part of a BroadcastChannel that is needed; tests give their own. */
export interface ChannelPort {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** The channel of one person's tabs of one workflow; null where the browser has none. */
export function openChannel(owner: string): ChannelPort | null {
  if (typeof BroadcastChannel !== "function") return null;
  return new BroadcastChannel(`treadle:draft:${owner}`) as unknown as ChannelPort;
}

export class Siblings {
  readonly #channel: ChannelPort | null;

  constructor(channel: ChannelPort | null, heard: (head: Head) => void) {
    this.#channel = channel;
    if (!channel) return;
    channel.onmessage = ({ data }) => {
      const head = readHead(data);
      if (head) heard(head);
    };
  }

  /** This tab saved: the draft is this now. */
  saved(head: Head): void {
    this.#channel?.postMessage({ t: "saved", ...head });
  }

  close(): void {
    this.#channel?.close();
  }
}

/** Null for what another release of Treadle may say in this channel. */
function readHead(data: unknown): Head | null {
  if (!isObject(data) || data.t !== "saved" || typeof data.rev !== "number") return null;
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  try {
    const document = toDocument(data.document);
    return {
      rev: data.rev,
      document,
      saved_by: text(data.saved_by),
      saved_at: text(data.saved_at),
    };
  } catch {
    return null;
  }
}
