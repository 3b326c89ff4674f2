import { describe, expect, it } from "vitest";
import { blankDocument } from "../model/document";
import type { Head } from "./api";
import { type ChannelPort, Siblings } from "./siblings";

/** Channels as the browser joins them: everybody hears but the one who speaks. */
class Air {
  readonly ports: ChannelPort[] = [];
  open(): ChannelPort {
    const port: ChannelPort = {
      onmessage: null,
      postMessage: (message) => {
        const data = structuredClone(message);
        for (const other of this.ports) if (other !== port) other.onmessage?.({ data });
      },
      close: () => undefined,
    };
    this.ports.push(port);
    return port;
  }
}

const head: Head = { rev: 4, document: blankDocument("k", "K"), saved_by: "me", saved_at: "t" };

describe("siblings", () => {
  it("hear what one of them saved", () => {
    const air = new Air();
    const heard: string[] = [];
    const one = new Siblings(air.open(), ({ rev }) => void heard.push(`one ${rev}`));
    new Siblings(air.open(), ({ rev, document }) => void heard.push(`two ${rev} ${document.key}`));
    one.saved(head);
    expect(heard).toEqual(["two 4 k"]);
  });

  it("take no notice of what they do not understand", () => {
    const air = new Air();
    const heard: Head[] = [];
    new Siblings(air.open(), (each) => void heard.push(each));
    const other = air.open();
    for (const data of [null, {}, { t: "saved", rev: "4" }, { t: "saved", rev: 4, document: {} }]) {
      other.postMessage(data);
    }
    expect(heard).toEqual([]);
  });

  it("are not needed", () => {
    new Siblings(null, () => undefined).saved(head);
  });
});
