/** How a node is named and drawn, from its spec and what is known of its tool. */
import type { NodeSpec, NodeType } from "../model/document";
import { faceOf } from "../model/kinds";
import { t, tp } from "../words/t";
import type { IconName } from "./icons";

/** What the canvas needs to know of a registered tool. */
export interface ToolLook {
  readonly name: string;
  readonly category?: string;
  readonly summary?: string;
}

export interface NodeLook {
  readonly title: string;
  readonly subtitle: string;
  readonly icon: IconName;
}

const TYPE_LOOK: Readonly<Record<NodeType, readonly [words: string, icon: IconName]>> = {
  tool: [t("Tool"), "tool"],
  set: [t("Set values"), "set"],
  subgraph: [t("Run a workflow"), "subgraph"],
  map: [t("For each"), "each"],
  human: [t("Ask a person"), "human"],
  wait: [tp("verb", "Wait"), "wait"],
  emit: [t("Emit a signal"), "emit"],
  end: [tp("step", "End"), "end"],
  noop: [t("Join"), "join"],
};

const CATEGORY_ICONS: Readonly<Record<string, IconName>> = {
  api: "api",
  code: "code",
  csv: "data",
  data: "data",
  file: "data",
  http: "web",
  ini: "api",
  json: "api",
  jsonl: "api",
  list: "log",
  math: "calculate",
  number: "calculate",
  orm: "data",
  review: "review",
  text: "text",
  time: "wait",
  toml: "api",
  web: "web",
  workflow: "subgraph",
  yaml: "api",
};

export function nodeLook(
  id: string,
  spec: NodeSpec,
  tools: ReadonlyMap<string, ToolLook>,
): NodeLook {
  const [words, icon] = TYPE_LOOK[spec.type] ?? [spec.type ?? "?", "tool"];
  const tool = spec.type === "tool" ? tools.get(spec.tool ?? "") : undefined;
  return {
    title: spec.title || id,
    subtitle: spec.type === "tool" ? (spec.tool ?? t("no tool chosen")) : (faceOf(spec) ?? words),
    icon: spec.type === "tool" ? categoryIcon(tool?.category) : icon,
  };
}

export function categoryIcon(category: string | undefined): IconName {
  const word = (category ?? "").toLowerCase().split(/[^a-z]/)[0] ?? "";
  return CATEGORY_ICONS[word] ?? "tool";
}

export function typeIcon(type: NodeType): IconName {
  return TYPE_LOOK[type]?.[1] ?? "tool";
}

export function typeWords(type: NodeType): string {
  return TYPE_LOOK[type]?.[0] ?? type;
}
