/** What each type of node is made of: how a new one begins, what it says it does, how it is left. */
import { t, tn, tp } from "../words/t";
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
  if (spec.type === "human") return askWords(spec.assignees);
  if (spec.type === "wait") return waitFace(spec);
  if (spec.type === "emit")
    return spec.signal ? t("emit {signal}", { signal: text(spec.signal) }) : null;
  if (spec.type === "set") return keysFace(spec, (keys) => t("set {keys}", { keys }));
  if (spec.type === "noop") return joinFace(spec);
  if (spec.type !== "end") return null;
  return spec.terminate === true
    ? t("End the whole run")
    : keysFace(spec, (keys) => t("end with {keys}", { keys }));
}

/** "set score, tries": the first keys that are written. */
function keysFace(spec: NodeSpec, face: (keys: string) => string): string | null {
  const keys = Object.keys(isObject(spec.set) ? spec.set : {});
  if (keys.length === 0) return null;
  if (keys.length <= 3) return face(keys.join(", "));
  const names = keys.slice(0, 2).join(", ");
  return face(t("{names} and {count} more", { names, count: keys.length - 2 }));
}

/** What a join waits for, where that is not the standard. */
function joinFace(spec: NodeSpec): string | null {
  const { policy, n } = (isObject(spec.join) ? spec.join : {}) as JsonObject;
  if (policy === "n_of_m")
    return tn("join {count} arrival", "join {count} arrivals", typeof n === "number" ? n : 1);
  return typeof policy === "string" ? (JOINS[policy] ?? null) : null;
}

const JOINS: Readonly<Record<string, string>> = {
  all: t("join every way in"),
  each: t("each arrival by itself"),
  first: t("the first arrival"),
  first_cancel: t("the first arrival, others withdrawn"),
};

function mapFace(spec: NodeSpec): string | null {
  if (!spec.over) return null;
  const named = { item: text(spec.as) || "item", list: text(spec.over) };
  return typeof spec.max_concurrency === "number"
    ? t("for each {item} in {list}, {count} at once", { ...named, count: spec.max_concurrency })
    : t("for each {item} in {list}", named);
}

/** "run paper-search v4": another workflow that a node or the body of a map names. */
function calleeWords(call: NodeSpec | JsonObject): string | null {
  const workflow = text(call.workflow);
  const version = typeof call.version === "number" ? ` v${call.version}` : "";
  return workflow ? t("run {workflow}", { workflow: `${workflow}${version}` }) : null;
}

function askWords(assignees: Json | undefined): string {
  const names = asked(assignees);
  return names ? t("ask {names}", { names }) : t("ask a person");
}

function asked(assignees: Json | undefined): string {
  const { users, group } = (isObject(assignees) ? assignees : {}) as JsonObject;
  const names = Array.isArray(users) ? users.map(String) : [];
  return [...names, text(group)].filter(Boolean).join(", ");
}

function waitFace(spec: NodeSpec): string {
  const names = Object.keys(alternativesOf(spec));
  return names.length ? t("wait for {names}", { names: names.join(t(" or ")) }) : waitWords(spec);
}

/** "wait 30s", "wait until due", "wait for payment": one condition of waiting in words. */
export function waitWords(wait: JsonObject | NodeSpec): string {
  const kind = waitKindOf(wait);
  if (kind === "form") return askWords(wait.assignees);
  const value = kind && kind !== "any" ? text(wait[kind]) : "";
  if (!value) return t("wait");
  if (kind === "signal") return t("wait for {signal}", { signal: value });
  return kind === "until"
    ? t("wait until {moment}", { moment: plain(value) })
    : t("wait {time}", { time: value });
}

/** A text without its quotes; any other expression as it is. */
const plain = (source: string) => /^'([^'\\]*)'$/.exec(source.trim())?.[1] ?? source;

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

function okWords(spec: NodeSpec | undefined, several: boolean): string {
  if (several) return t("ended in any way");
  return spec?.type === "human" ? t("an answer") : t("succeeded");
}

/** How a node can be left, each with words that follow its name: "leaves when it has …". */
export function waysToLeave(
  spec: NodeSpec | undefined,
): readonly (readonly [kind: string, words: string])[] {
  const names = spec ? Object.keys(alternativesOf(spec)) : [];
  const late = spec?.type === "human" ? t("had no answer when it was due") : t("took too long");
  return [
    ["ok", okWords(spec, names.length > 0)],
    ...names.map((name) => [name, t("seen “{name}” first", { name })] as const),
    ["error", tp("leaves when it has", "failed")],
    ["timeout", late],
    ["exhausted", t("used up the rounds of a loop")],
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
