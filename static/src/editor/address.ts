/** What of the editor's view its address holds, behind the `#`. Pure. */
import { NODE_TABS, type NodeTab } from "./lookback/tabs";

export interface Address {
  readonly node: string | null;
  readonly edge: string | null;
  /** The part of the panel of the node. */
  readonly tab: NodeTab;
  /** The run that is shown over the canvas. */
  readonly run: string | null;
  /** The visit of the node in that run, from 1; null for all. */
  readonly round: number | null;
  readonly outline: boolean;
}

/** Null where the text says nothing of a view, as the name of a place on the page does not. */
export function readAddress(hash: string): Address | null {
  const text = hash.replace(/^#/, "");
  if (text !== "" && !text.includes("=")) return null;
  const params = new URLSearchParams(text);
  const node = params.get("node") || null;
  const tab = params.get("tab");
  const round = params.get("round") ?? "";
  return {
    node,
    edge: node === null ? params.get("edge") || null : null,
    tab: NODE_TABS.find(([each]) => each === tab)?.[0] ?? "settings",
    run: params.get("run") || null,
    round: /^[1-9]\d{0,8}$/.test(round) ? Number(round) : null,
    outline: params.get("view") === "outline",
  };
}

/** With its `#`; empty where all is as at first. */
export function writeAddress({ node, edge, tab, run, round, outline }: Address): string {
  const params = new URLSearchParams();
  if (node !== null) params.set("node", node);
  else if (edge !== null) params.set("edge", edge);
  if (node !== null && tab !== "settings") params.set("tab", tab);
  if (run !== null) params.set("run", run);
  if (run !== null && node !== null && round !== null) params.set("round", String(round));
  if (outline) params.set("view", "outline");
  const text = params.toString();
  return text && `#${text}`;
}
