/** Edits of nodes: pure functions from document to document. `edits.ts` makes commands of them. */
import { type EdgeSpec, type GraphDocument, isObject, type NodeSpec, type Point } from "./document";
import { alternativesOf } from "./kinds";

export const GRID = 8;

export function snap([x, y]: Point, grid = GRID): Point {
  return [Math.round(x / grid) * grid, Math.round(y / grid) * grid];
}

/** Add a node at a place; the first node of a document becomes its entry. */
export function addNode(
  document: GraphDocument,
  id: string,
  spec: NodeSpec,
  at: Point,
): GraphDocument {
  const first = Object.keys(document.nodes).length === 0;
  return {
    ...document,
    entry: first ? [id] : document.entry,
    nodes: { ...document.nodes, [id]: spec },
    layout: { ...document.layout, [id]: at },
  };
}

export function placeNodes(
  document: GraphDocument,
  places: ReadonlyMap<string, Point>,
): GraphDocument {
  const moved = [...places].filter(([id, [x, y]]) => {
    const at = document.layout[id];
    return Object.hasOwn(document.nodes, id) && (at?.[0] !== x || at[1] !== y);
  });
  if (moved.length === 0) return document;
  return { ...document, layout: { ...document.layout, ...Object.fromEntries(moved) } };
}

/** Replace a node's spec, keeping its position among the nodes. */
export function putNode(document: GraphDocument, id: string, spec: NodeSpec): GraphDocument {
  if (document.nodes[id] === spec) return document;
  return { ...document, nodes: { ...document.nodes, [id]: spec } };
}

/** Set one field of a node; `undefined` takes the field away. */
export function setNodeField(
  document: GraphDocument,
  id: string,
  field: string,
  value: unknown,
): GraphDocument {
  const spec = document.nodes[id];
  if (!spec) return document;
  return putNode(document, id, withField(spec, field, value));
}

/** Switch nodes off, so that runs pass them by, or on again. */
export function setDisabled(
  document: GraphDocument,
  ids: Iterable<string>,
  off: boolean,
): GraphDocument {
  const each = (changed: GraphDocument, id: string) =>
    setNodeField(changed, id, "disabled", off || undefined);
  return [...ids].reduce(each, document);
}

/** An object with one key set, or without it when the value is `undefined`; the same object when nothing changes. */
export function withField<T extends object>(object: T, field: string, value: unknown): T {
  const old = Object.hasOwn(object, field) ? (object as Record<string, unknown>)[field] : undefined;
  if (old === value) return object;
  if (value !== undefined) return { ...object, [field]: value };
  return without(object, [field]);
}

/** Set a value inside of objects inside of each other. An object that is left empty goes too. */
export function withPath<T extends object>(object: T, path: readonly string[], value: unknown): T {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  if (rest.length === 0) return withField(object, key, value);
  const inner = Object.hasOwn(object, key) ? (object as Record<string, unknown>)[key] : undefined;
  const old = isObject(inner) ? inner : {};
  const next = withPath(old, rest, value);
  if (next === old) return object;
  return withField(object, key, Object.keys(next).length ? next : undefined);
}

export function without<T extends object>(object: T, keys: Iterable<string>): T {
  const gone = new Set(keys);
  return Object.fromEntries(Object.entries(object).filter(([key]) => !gone.has(key))) as T;
}

/** Give a node another id everywhere it is named. The new id must be free. */
export function renameNode(document: GraphDocument, from: string, to: string): GraphDocument {
  if (from === to || !Object.hasOwn(document.nodes, from)) return document;
  if (Object.hasOwn(document.nodes, to)) return document;
  const name = (id: string) => (id === from ? to : id);
  const edge = (old: EdgeSpec): EdgeSpec =>
    old.from === from || old.to === from ? { ...old, from: name(old.from), to: name(old.to) } : old;
  return {
    ...movePin(document, from, to),
    entry: document.entry.map(name),
    nodes: mapCancels(renameKey(document.nodes, from, to), (ids) => ids.map(name)),
    edges: document.edges.map(edge),
    layout: renameKey(document.layout, from, to),
  };
}

/** A pin goes with its node to the new id, or away with it. See `pins.ts`. */
function movePin(document: GraphDocument, id: string, to: string | null): GraphDocument {
  const pins = isObject(document.meta) ? document.meta.pins : undefined;
  if (!isObject(pins) || !Object.hasOwn(pins, id)) return document;
  const kept = to === null ? document : withPath(document, ["meta", "pins", to], pins[id]);
  return withPath(kept, ["meta", "pins", id], undefined);
}

/** Change the lists of nodes that nodes withdraw; a list that is left empty goes. */
function mapCancels(
  nodes: GraphDocument["nodes"],
  change: (ids: readonly string[]) => readonly string[],
): GraphDocument["nodes"] {
  return Object.fromEntries(
    Object.entries(nodes).map(([id, spec]) => {
      if (!Array.isArray(spec.cancels)) return [id, spec];
      const old: readonly string[] = spec.cancels;
      const next = change(old);
      const same = next.length === old.length && next.every((each, i) => each === old[i]);
      return [id, same ? spec : withField(spec, "cancels", next.length ? next : undefined)];
    }),
  );
}

/** Give an alternative of a wait another name, also where edges start with it. */
export function renameAlternative(
  document: GraphDocument,
  id: string,
  from: string,
  to: string,
): GraphDocument {
  const spec = document.nodes[id];
  const any = spec ? alternativesOf(spec) : {};
  if (!spec || !Object.hasOwn(any, from) || Object.hasOwn(any, to)) return document;
  const edges = document.edges.map((edge) =>
    edge.from === id && edge.on === from ? { ...edge, on: to } : edge,
  );
  return { ...putNode(document, id, { ...spec, any: renameKey(any, from, to) }), edges };
}

function renameKey<T extends object>(object: T, from: string, to: string): T {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key === from ? to : key, value]),
  ) as T;
}

/**
 * Remove nodes with their edges. When an entry goes, the first node that is left takes its place,
 * so that a document with nodes never ends without an entry.
 */
export function removeNodes(document: GraphDocument, ids: Iterable<string>): GraphDocument {
  const gone = new Set([...ids].filter((id) => Object.hasOwn(document.nodes, id)));
  if (gone.size === 0) return document;
  const nodes = without(document.nodes, gone);
  const kept = document.entry.filter((id) => !gone.has(id));
  const left = document.edges.filter((edge) => gone.has(edge.from) || gone.has(edge.to));
  const unpinned = [...gone].reduce((kept, id) => movePin(kept, id, null), document);
  return {
    ...dropEdges(unpinned, new Set(left.map((edge) => edge.id))),
    entry: kept.length ? kept : Object.keys(nodes).slice(0, 1),
    nodes: mapCancels(nodes, (ids) => ids.filter((id) => !gone.has(id))),
    layout: without(document.layout, gone),
  };
}

/** Remove edges, also from the `resets` of those that stay. */
export function dropEdges(document: GraphDocument, ids: ReadonlySet<string>): GraphDocument {
  if (!document.edges.some((edge) => ids.has(edge.id))) return document;
  const edges = document.edges.filter((edge) => !ids.has(edge.id)).map(forget);
  return { ...document, edges };

  function forget(edge: EdgeSpec): EdgeSpec {
    if (!edge.resets?.some((id) => ids.has(id))) return edge;
    const rest = edge.resets.filter((id) => !ids.has(id));
    return withField(edge, "resets", rest.length ? rest : undefined);
  }
}

/** Make a node the entry: alone, or beside the others. */
export function setEntry(document: GraphDocument, id: string, on: boolean): GraphDocument {
  const is = document.entry.includes(id);
  if (is === on || !Object.hasOwn(document.nodes, id)) return document;
  if (!on && document.entry.length === 1) return document;
  const entry = on ? [...document.entry, id] : document.entry.filter((other) => other !== id);
  return { ...document, entry };
}

export function moveEntry(document: GraphDocument, id: string): GraphDocument {
  const [only] = document.entry;
  if (!Object.hasOwn(document.nodes, id)) return document;
  return document.entry.length === 1 && only === id ? document : { ...document, entry: [id] };
}
