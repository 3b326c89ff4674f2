/** What is known of a workflow's state from its document: its keys, their types and first values. */
import { type GraphDocument, isObject, type Json, type NodeSpec } from "./document";

export interface StateKey {
  readonly name: string;
  /** A JSON Schema type word, or null when nothing says it. */
  readonly type: string | null;
  readonly default: Json | undefined;
  readonly required: boolean;
  readonly reducer: string | null;
  readonly description: string;
  /** Declared in the document's state; the others are only written by nodes. */
  readonly declared: boolean;
}

/** Every key the document declares or writes, declared ones first. */
export function stateKeys(document: GraphDocument): readonly StateKey[] {
  const known = found.get(document);
  if (known) return known;
  const keys = findKeys(document);
  found.set(document, keys);
  return keys;
}

const found = new WeakMap<GraphDocument, readonly StateKey[]>();

function findKeys(document: GraphDocument): StateKey[] {
  const state = part(document, "state");
  const schema = part(state, "schema");
  const properties = part(schema, "properties");
  const defaults = part(state, "defaults");
  const reducers = part(state, "reducers");
  const required = Array.isArray(schema.required) ? schema.required : [];
  const declared = new Set([
    ...Object.keys(properties),
    ...Object.keys(defaults),
    ...Object.keys(reducers),
  ]);
  const names = new Set([...declared, ...writtenKeys(document)]);
  return [...names].map((name) => {
    const property = part(properties, name);
    return {
      name,
      type: typeof property.type === "string" ? property.type : typeOf(defaults[name]),
      default: defaults[name] as Json | undefined,
      required: required.includes(name),
      reducer: typeof reducers[name] === "string" ? (reducers[name] as string) : null,
      description: typeof property.description === "string" ? property.description : "",
      declared: declared.has(name),
    };
  });
}

function writtenKeys({ nodes }: GraphDocument): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const id of Object.keys(nodes)) {
    for (const key of keysWrittenBy(nodes[id] as NodeSpec)) keys.add(key);
  }
  return keys;
}

const written = new WeakMap<NodeSpec, readonly string[]>();

/** The keys that a node names to write to; it may give others, as a tool without `outputs` does. */
export function keysWrittenBy(node: NodeSpec): readonly string[] {
  const known = written.get(node);
  if (known) return known;
  const parts = [node.outputs, node.set, node.collect, node.out];
  const keys = parts.flatMap((part) => (isObject(part) ? Object.keys(part) : []));
  written.set(node, keys);
  return keys;
}

function typeOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

/** Declare a key, change it, or (with null) take it out of the document's state. */
export function putStateKey(
  document: GraphDocument,
  name: string,
  key: Omit<StateKey, "name" | "declared"> | null,
): GraphDocument {
  const state = part(document, "state");
  const schema = part(state, "schema");
  const property = part(part(schema, "properties"), name);
  const description = key?.description || undefined;
  const type = key?.type ?? undefined;
  const next = {
    ...state,
    schema: {
      type: "object",
      ...schema,
      required: withName(schema.required, name, key?.required ?? false),
      properties: {
        ...part(schema, "properties"),
        [name]: key ? drop({ ...property, type, description }) : undefined,
      },
    },
    defaults: { ...part(state, "defaults"), [name]: key?.default },
    reducers: { ...part(state, "reducers"), [name]: key?.reducer ?? undefined },
  };
  return { ...document, state: clean(next) };
}

function clean(state: Record<string, unknown>): Record<string, unknown> {
  const schema = part(state, "schema");
  const reducers = drop(part(state, "reducers"));
  return drop({
    ...state,
    schema: drop({ ...schema, properties: drop(part(schema, "properties")) }),
    defaults: drop(part(state, "defaults")),
    reducers: Object.keys(reducers).length ? reducers : undefined,
  });
}

function withName(list: unknown, name: string, on: boolean): string[] | undefined {
  const rest = (Array.isArray(list) ? (list as string[]) : []).filter((each) => each !== name);
  const next = on ? [...rest, name] : rest;
  return next.length ? next : undefined;
}

function part(object: unknown, key: string): Record<string, unknown> {
  const value = isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;
  return isObject(value) ? value : {};
}

function drop(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
