/** What each type of node is made of: how a new one begins, what it says it does, how it is left. */
import { isObject, type Json, type JsonObject, type NodeSpec, type NodeType } from "./document";

/** A new node of a type, as far as it can be filled in before a person has said anything. */
export function freshSpec(type: NodeType): NodeSpec {
  if (type === "map") return { type, over: "", as: "item", body: { tool: "" } };
  if (type === "subgraph") return { type, workflow: "" };
  if (type === "wait") return { type, for: "30s" };
  if (type === "emit") return { type, signal: "" };
  if (type === "human") return { type, form: YES_OR_NO };
  return { type };
}

const YES_OR_NO: JsonObject = {
  type: "object",
  properties: { approved: { type: "boolean" } },
  required: ["approved"],
};

/** One line of what a node does; null when its type says it all. */
export function faceOf(spec: NodeSpec): string | null {
  if (spec.type === "map") return mapFace(spec);
  if (spec.type === "subgraph") return calleeWords(spec);
  if (spec.type === "human") return `ask ${asked(spec.assignees) || "a person"}`;
  if (spec.type === "wait") return waitFace(spec);
  if (spec.type === "emit") return spec.signal ? `emit ${spec.signal}` : null;
  return spec.type === "end" && spec.terminate === true ? "End the whole run" : null;
}

function mapFace(spec: NodeSpec): string | null {
  return spec.over ? `for each ${text(spec.as) || "item"} in ${text(spec.over)}` : null;
}

/** "run paper-search v4": another workflow that a node or the body of a map names. */
function calleeWords(call: NodeSpec | JsonObject): string | null {
  const workflow = text(call.workflow);
  const version = typeof call.version === "number" ? ` v${call.version}` : "";
  return workflow ? `run ${workflow}${version}` : null;
}

function asked(assignees: Json | undefined): string {
  const { users, group } = (isObject(assignees) ? assignees : {}) as JsonObject;
  const names = Array.isArray(users) ? users.map(String) : [];
  return [...names, text(group)].filter(Boolean).join(", ");
}

function waitFace(spec: NodeSpec): string {
  const names = Object.keys(alternativesOf(spec));
  return names.length ? `wait for ${names.join(" or ")}` : waitWords(spec);
}

/** "wait 30s", "wait until due", "wait for payment": one condition of waiting in words. */
export function waitWords(wait: JsonObject | NodeSpec): string {
  const kind = waitKindOf(wait);
  if (kind === "form") return `ask ${asked(wait.assignees) || "a person"}`;
  const value = kind && kind !== "any" ? text(wait[kind]) : "";
  if (!value) return "wait";
  if (kind === "signal") return `wait for ${value}`;
  return kind === "until" ? `wait until ${value}` : `wait ${value}`;
}

const text = (value: Json | undefined) => (typeof value === "string" ? value : "");

/** What a wait can be for. Only one of several alternatives is a form that a person answers. */
export const WAIT_KINDS = ["for", "until", "signal", "any", "form"] as const;
export type WaitKind = (typeof WAIT_KINDS)[number];

export function waitKindOf(wait: JsonObject | NodeSpec): WaitKind | null {
  return WAIT_KINDS.find((kind) => Object.hasOwn(wait, kind)) ?? null;
}

const FIRST_OF_KIND: Readonly<Record<WaitKind, Json>> = {
  for: "30s",
  until: "",
  signal: "",
  any: { arrived: { signal: "" }, late: { for: "1h" } },
  form: YES_OR_NO,
};

const OF_PERSON = ["assignees", "title", "description"];

/** Wait for something else: what only the old way of waiting means goes, all the rest stays. */
export function withWaitKind<T extends JsonObject | NodeSpec>(wait: T, kind: WaitKind): T {
  const gone = new Set<string>(WAIT_KINDS.filter((each) => each !== kind));
  if (kind !== "signal") gone.add("key");
  if (kind === "for" || kind === "until") gone.add("outputs");
  // A node keeps its own title; that of an alternative is what a person was asked.
  if (kind !== "form" && !Object.hasOwn(wait, "type")) for (const key of OF_PERSON) gone.add(key);
  const kept = Object.entries(wait).filter(([key]) => !gone.has(key));
  return { [kind]: FIRST_OF_KIND[kind], ...Object.fromEntries(kept) } as unknown as T;
}

/** The alternatives of a wait, by name; its edges start with their names. */
export function alternativesOf(spec: NodeSpec): Readonly<Record<string, JsonObject>> {
  if (spec.type !== "wait" || !isObject(spec.any)) return {};
  return spec.any as unknown as Readonly<Record<string, JsonObject>>;
}

/** How a node can be left, each with words that follow its name: "leaves when it has …". */
export function waysToLeave(
  spec: NodeSpec | undefined,
): readonly (readonly [kind: string, words: string])[] {
  const names = spec ? Object.keys(alternativesOf(spec)) : [];
  const late = spec?.type === "human" ? "had no answer when it was due" : "took too long";
  return [
    ["ok", names.length ? "ended in any way" : spec?.type === "human" ? "an answer" : "succeeded"],
    ...names.map((name) => [name, `seen “${name}” first`] as const),
    ["error", "failed"],
    ["timeout", late],
    ["exhausted", "used up the rounds of a loop"],
  ];
}

/** Whether a lock can be asked for, or is there and may have to go. */
export const canLock = (spec: NodeSpec) => spec.type !== "end" || spec.lock !== undefined;

/** Join by another policy; what counts arrivals goes with `n_of_m`, the standard policy is not written. */
export function withPolicy(join: JsonObject, policy: string): JsonObject {
  const { policy: _, n, cancel, ...rest } = join;
  const named = policy === "all_active" ? {} : { policy };
  if (policy !== "n_of_m") return { ...named, ...rest } as JsonObject;
  return { ...named, n: n ?? 1, cancel: cancel ?? true, ...rest } as JsonObject;
}
