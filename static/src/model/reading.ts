/** Which keys of the state nodes read and write, as far as the document and their tools say. */
import { type GraphDocument, isObject, type Json, type NodeSpec } from "./document";

/** What has to be known of a tool to say what a node that calls it reads and writes. */
export interface ToolIo {
  readonly takes_state?: boolean;
  readonly params?: readonly { readonly name: string; readonly required?: boolean }[];
  /** JSON Schema of what it gives back; null where nothing tells. */
  readonly returns?: object | null;
}

/** Parts of a node that hold no expressions. */
const PLAIN = new Set([
  "type",
  "title",
  "description",
  "form",
  "assignees",
  "tool",
  "workflow",
  "retry",
  "timeout",
  "idle_timeout",
  "isolation",
  "effect",
  "join",
  "route",
  "on_error",
  "on_no_route",
  "cancels",
  "as",
]);

/** Every text in a node that may be an expression. */
export function expressionsOf(spec: NodeSpec): string[] {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === "string") found.push(value);
    else if (Array.isArray(value)) value.forEach(walk);
    else if (isObject(value)) {
      for (const [key, inner] of Object.entries(value)) if (!PLAIN.has(key)) walk(inner);
    }
  };
  walk(spec);
  return found;
}

const STRINGS = /r?('''[\s\S]*?'''|"""[\s\S]*?"""|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")/g;
const FROM_STATE = /\bstate\s*(?:\.\??\s*([A-Za-z_]\w*)|\[\??\s*r?['"]([^'"\\]+)['"]\s*\])/g;
const AFTER_DOT = /\.\??\s*[A-Za-z_]\w*/g;

export interface Words {
  /** Names that may be keys: more than the real ones, never fewer. */
  readonly names: ReadonlySet<string>;
  /** The state as a whole is read, so any key may be. */
  readonly all: boolean;
}

/** The names an expression uses where a key of the state could stand. */
export function wordsIn(source: string): Words {
  const names = new Set<string>();
  const rest = source.replace(FROM_STATE, (_, dotted?: string, quoted?: string) => {
    names.add(dotted ?? quoted ?? "");
    return " ";
  });
  const bare = rest.replace(STRINGS, " ").replace(AFTER_DOT, " ");
  for (const [word] of bare.matchAll(/[A-Za-z_]\w*/g)) names.add(word);
  return { names, all: names.delete("state") };
}

/** All names in several expressions. */
export function wordsOf(sources: Iterable<string>): Words {
  const names = new Set<string>();
  let all = false;
  for (const source of sources) {
    const words = wordsIn(source);
    for (const name of words.names) names.add(name);
    all ||= words.all;
  }
  return { names, all };
}

/** The names a node reads: in its expressions, and by the parameters of its tool that have none. */
export function readsOf(spec: NodeSpec, tools: ReadonlyMap<string, ToolIo>): Words {
  const { names, all } = wordsOf(expressionsOf(spec));
  const tool = spec.type === "tool" ? tools.get(spec.tool ?? "") : undefined;
  const bound = new Set(Object.keys(spec.inputs ?? {}));
  const params = (tool?.params ?? []).map(({ name }) => name).filter((name) => !bound.has(name));
  return { names: new Set([...names, ...params]), all: all || tool?.takes_state === true };
}

/** The keys a node cannot do without: parameters of its tool that nothing else gives a value. */
export function needsOf(spec: NodeSpec, tools: ReadonlyMap<string, ToolIo>): string[] {
  if (spec.type !== "tool") return [];
  const bound = new Set(Object.keys(spec.inputs ?? {}));
  const params = tools.get(spec.tool ?? "")?.params ?? [];
  return params.flatMap(({ name, required }) => (required && !bound.has(name) ? [name] : []));
}

/** The keys a node writes; null when nobody can tell before it has run. */
export function writesOf(
  id: string,
  spec: NodeSpec,
  tools: ReadonlyMap<string, ToolIo>,
): readonly string[] | null {
  const named = ["outputs", "set", "collect", "out"].flatMap((part) =>
    isObject(spec[part]) ? Object.keys(spec[part]) : [],
  );
  if (spec.type === "wait" && isObject(spec.any)) {
    for (const each of Object.values(spec.any as unknown as Record<string, unknown>)) {
      if (isObject(each) && isObject(each.outputs)) named.push(...Object.keys(each.outputs));
    }
  }
  if (spec.type !== "tool") return named;
  const tool = tools.get(spec.tool ?? "");
  if (isObject(spec.outputs) && !tool?.takes_state) return named;
  return tool?.takes_state ? null : returnedKeys(id, tool?.returns);
}

/** Without `outputs` a map is merged into the state, anything else is kept under the node's id. */
function returnedKeys(id: string, returns: ToolIo["returns"]): readonly string[] | null {
  if (!isObject(returns) || typeof returns.type !== "string") return null;
  if (returns.type === "null") return [];
  if (returns.type !== "object") return [id];
  const named = isObject(returns.properties) ? Object.keys(returns.properties) : [];
  return returns.additionalProperties === false ? named : null;
}

/** Keys that every run has from its start. */
export function presentKeys(document: GraphDocument): ReadonlySet<string> {
  const state = isObject(document.state) ? document.state : {};
  const schema = isObject(state.schema) ? state.schema : {};
  const required = Array.isArray(schema.required) ? (schema.required as Json[]) : [];
  const defaults = isObject(state.defaults) ? Object.keys(state.defaults) : [];
  return new Set([...defaults, ...required.filter((key) => typeof key === "string")] as string[]);
}
