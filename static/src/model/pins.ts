/**
 * Pinned outputs: values that stand in for steps in test runs. They live in the document's
 * `meta.pins`, which no published version has and no hash covers.
 */
import { t } from "../words/t";
import { type GraphDocument, isObject, type Json, type NodeSpec, type NodeType } from "./document";
import { withPath } from "./nodes";

/** The most that one pin may have as JSON, in bytes; the server refuses more. */
export const MAX_PIN_BYTES = 64 * 1024;

export type Pins = Readonly<Record<string, Json>>;

const NONE: Pins = {};
const read = new WeakMap<object, [GraphDocument["nodes"], Pins]>();

/** The pins of nodes that are there. */
export function pinsOf(document: GraphDocument): Pins {
  const raw = isObject(document.meta) ? document.meta.pins : undefined;
  if (!isObject(raw)) return NONE;
  const known = read.get(raw);
  if (known?.[0] === document.nodes) return known[1];
  const kept = Object.entries(raw).filter(([id]) => Object.hasOwn(document.nodes, id));
  const pins = Object.fromEntries(kept) as Pins;
  read.set(raw, [document.nodes, pins]);
  return pins;
}

/** Set the pin of a node, or take it away with `undefined`. */
export function putPin(document: GraphDocument, id: string, value: Json | undefined) {
  return withPath(document, ["meta", "pins", id], value);
}

const PINNABLE: ReadonlySet<NodeType> = new Set([
  "tool",
  "map",
  "subgraph",
  "human",
  "wait",
  "emit",
]);

/** Whether the step does something that a pin can stand in for. */
export function pinnable(spec: NodeSpec): boolean {
  return PINNABLE.has(spec.type);
}

/** Why this value cannot be pinned, or null when it can. */
export function pinRefusal(value: Json): string | null {
  const size = new TextEncoder().encode(JSON.stringify(value)).length;
  if (size <= MAX_PIN_BYTES) return null;
  const kib = Math.ceil(size / 1024);
  return t("This output has {kib} KiB; at most {most} KiB are pinned. Pin a smaller value.", {
    kib,
    most: MAX_PIN_BYTES / 1024,
  });
}
