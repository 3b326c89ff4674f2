/**
 * Which steps fit behind a step: what a tool needs, held against what the state is known to hold
 * there. Pure, and only a guess where schemas are silent: what does not fit is never forbidden.
 */
import { t } from "../words/t";
import { type GraphDocument, isObject, type NodeSpec, type NodeType } from "./document";
import { stateKeys } from "./statekeys";
import { stream } from "./stream";

/** What is read of a tool. */
export interface FittingTool {
  /** JSON Schema of its parameters. */
  readonly schema: object;
  /** JSON Schema of what it gives back; null or undefined where nothing tells. */
  readonly returns?: object | null;
}

/** A key that the state holds at a place. */
export interface KnownKey {
  /** JSON Schema type words; empty where any value may stand. */
  readonly types: readonly string[];
  /** Written by the very step that is gone on from. */
  readonly fresh: boolean;
}

export type KnownKeys = ReadonlyMap<string, KnownKey>;

/** How well a step fits, best first. */
export const FITS = [
  t("takes what the step gives"),
  t("takes what is there"),
  t("needs nothing"),
] as const;

export interface Fit {
  /** Place in `FITS`; null: something that it needs is not known to be there. */
  readonly rank: 0 | 1 | 2 | null;
  /** Names of what it takes, or of what it lacks. */
  readonly names: readonly string[];
  /** Fields of the new node, where there is only one way to feed it. */
  readonly fields: Partial<NodeSpec>;
}

const NEEDS_NOTHING: Fit = { rank: 2, names: [], fields: {} };

/**
 * The keys the state is known to hold once the way of `kind` out of `source` is taken: those the
 * document declares, and those that the steps up to there read or write.
 */
export function knownBehind(
  document: GraphDocument,
  source: string,
  kind: string,
  tools: ReadonlyMap<string, FittingTool>,
): KnownKeys {
  const known = new Map<string, KnownKey>();
  for (const { name, type, declared } of stateKeys(document)) {
    if (declared) known.set(name, { types: type === null ? [] : [type], fresh: false });
  }
  const failed = kind === "error" || kind === "timeout";
  for (const id of stream(document, [source], false)) {
    const node = document.nodes[id];
    if (!node) continue;
    const own = id === source;
    for (const [name, types] of keysRead(node, tools)) {
      if (!known.has(name)) known.set(name, { types, fresh: false });
    }
    if (own && failed) continue;
    for (const [name, types] of keysGiven(id, node, tools)) {
      const before = known.get(name);
      const told = types.length > 0 ? types : (before?.types ?? []);
      known.set(name, { types: told, fresh: own || (before?.fresh ?? false) });
    }
  }
  return known;
}

/** How a tool fits where these keys are known. */
export function fitOfTool(tool: FittingTool, known: KnownKeys): Fit {
  const parameters = Object.entries(propertiesOf(tool.schema));
  const required = new Set(requiredOf(tool.schema));
  const taken = parameters.filter(([name, schema]) => {
    const key = known.get(name);
    return key !== undefined && agree(key.types, typesOf(schema));
  });
  const names = taken.map(([name]) => name);
  const lacking = parameters.filter(([name]) => required.has(name) && !names.includes(name));
  const isFresh = (name: string) => known.get(name)?.fresh === true;
  if (lacking.length === 0) {
    if (names.length === 0) return NEEDS_NOTHING;
    return { rank: names.some(isFresh) ? 0 : 1, names, fields: {} };
  }
  const [only] = lacking;
  const feeds = lacking.length === 1 && only ? freshOf(known, typesOf(only[1]), names) : [];
  if (!only || feeds.length === 0) {
    return { rank: null, names: lacking.map(([name]) => name), fields: {} };
  }
  const fields = feeds.length === 1 ? { inputs: { [only[0]]: feeds[0] as string } } : {};
  return { rank: 0, names: feeds, fields };
}

/** How a step without a tool of its own fits: one that goes through a list needs a list. */
export function fitOfType(type: NodeType, known: KnownKeys): Fit {
  if (type !== "map") return NEEDS_NOTHING;
  const lists = [...known].filter(([, { types }]) => types.includes("array"));
  if (lists.length === 0) return { rank: null, names: [t("a list")], fields: {} };
  const fresh = lists.filter(([, key]) => key.fresh);
  const fitting = fresh.length > 0 ? fresh : lists;
  const names = fitting.map(([name]) => name);
  const fields = names.length === 1 ? { over: names[0] as string } : {};
  return { rank: fresh.length > 0 ? 0 : 1, names, fields };
}

/** Keys of the step gone on from that surely hold one of these types; used ones are left out. */
function freshOf(known: KnownKeys, wanted: readonly string[], used: readonly string[]): string[] {
  if (wanted.length === 0) return [];
  return [...known]
    .filter(([name, key]) => key.fresh && key.types.length > 0 && !used.includes(name))
    .filter(([, key]) => agree(key.types, wanted))
    .map(([name]) => name);
}

type Typed = readonly [name: string, types: readonly string[]];

/** What a tool's node reads from the state by plain names: so the state holds them. */
function keysRead(node: NodeSpec, tools: ReadonlyMap<string, FittingTool>): Typed[] {
  const tool = node.type === "tool" ? tools.get(node.tool ?? "") : undefined;
  if (!tool) return [];
  const inputs = node.inputs ?? {};
  const properties = propertiesOf(tool.schema);
  const bound = Object.entries(inputs)
    .filter(([, source]) => PLAIN.test(source))
    .map(([name, source]): Typed => [source, typesOf(properties[name])]);
  const unbound = requiredOf(tool.schema)
    .filter((name) => !Object.hasOwn(inputs, name))
    .map((name): Typed => [name, typesOf(properties[name])]);
  return [...bound, ...unbound];
}

const PLAIN = /^(?!(?:true|false|null)$)[A-Za-z_][A-Za-z0-9_]*$/;

/** What a node leaves in the state, as far as its mappings and its tool's schema tell. */
function keysGiven(id: string, node: NodeSpec, tools: ReadonlyMap<string, FittingTool>): Typed[] {
  const returns = node.type === "tool" ? tools.get(node.tool ?? "")?.returns : undefined;
  if (node.type === "tool" && !node.outputs) return merged(id, returns ?? null);
  if (node.type === "map" && !node.collect) return [[id, ["array"]]];
  const mappings = [node.outputs, node.set, node.collect, node.out];
  return mappings
    .flatMap((mapping) => (isObject(mapping) ? Object.entries(mapping) : []))
    .map(([name, source]): Typed => [name, mappedTypes(String(source), returns ?? null)]);
}

/** A result without `outputs`: an object becomes keys of the state, anything else one named after the node. */
function merged(id: string, returns: object | null): Typed[] {
  const types = typesOf(returns);
  if (types.length === 0) return [];
  if (!types.includes("object")) return [[id, types]];
  return Object.entries(propertiesOf(returns)).map(([name, schema]) => [name, typesOf(schema)]);
}

const OF_RESULT = /^result(?:\.([A-Za-z_][A-Za-z0-9_]*))?$/;

function mappedTypes(source: string, returns: object | null): readonly string[] {
  const text = source.trim();
  const found = OF_RESULT.exec(text);
  if (found) {
    if (found[1] === undefined) return typesOf(returns);
    return typesOf(propertiesOf(returns)[found[1]] ?? extraOf(returns));
  }
  if (/^(?:true|false)$/.test(text)) return ["boolean"];
  if (/^-?\d+$/.test(text)) return ["integer"];
  if (/^-?\d*\.\d+$/.test(text)) return ["number"];
  if (/^'[^'\\]*'$|^"[^"\\]*"$/.test(text)) return ["string"];
  if (/\.(?:map|filter)\(.*\)$/.test(text)) return ["array"];
  return [];
}

// Schemas -----------------------------------------------------------------------------------------

function propertiesOf(schema: unknown): Readonly<Record<string, unknown>> {
  return isObject(schema) && isObject(schema.properties) ? schema.properties : {};
}

function requiredOf(schema: unknown): readonly string[] {
  const required = isObject(schema) ? schema.required : null;
  return Array.isArray(required) ? required.map(String) : [];
}

/** The schema of what an object holds beside its named properties. */
const extraOf = (schema: unknown) => (isObject(schema) ? schema.additionalProperties : undefined);

/** The type words a schema allows; empty where it allows any. */
function typesOf(schema: unknown): readonly string[] {
  if (!isObject(schema)) return [];
  const { type } = schema;
  if (typeof type === "string") return [type];
  if (Array.isArray(type)) return type.map(String);
  if (Array.isArray(schema.enum)) return [...new Set(schema.enum.map(typeOf))];
  const choices = schema.anyOf ?? schema.oneOf;
  if (!Array.isArray(choices)) return [];
  const all = choices.map(typesOf);
  return all.some((types) => types.length === 0) ? [] : [...new Set(all.flat())];
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

/** Whether a value of these types may be one of those; a whole number is a number. */
function agree(given: readonly string[], wanted: readonly string[]): boolean {
  if (given.length === 0 || wanted.length === 0) return true;
  return given.some((type) => type !== "null" && (wanted.includes(type) || numbers(type, wanted)));
}

const numbers = (type: string, wanted: readonly string[]) =>
  (type === "integer" && wanted.includes("number")) ||
  (type === "number" && wanted.includes("integer"));
