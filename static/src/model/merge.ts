/**
 * Joining two people's edits of one draft: field by field where both changed the same step, way or
 * setting. Nothing of either side goes unless both changed the same field, and that is told.
 */
import type { EdgeSpec, GraphDocument, NodeSpec } from "./document";
import { isObject } from "./document";
import { equal } from "./equal";
import { withoutTwins } from "./twins";

/** Both sides changed one field differently. `undefined` stands for what is not there. */
export interface Conflict {
  /** Where: `nodes, lint, inputs, text` or `edges, e1, when` or `limits, max_steps`. */
  readonly path: readonly string[];
  readonly base: unknown;
  readonly mine: unknown;
  readonly theirs: unknown;
}

export type Side = "mine" | "theirs";

export interface Merged {
  readonly document: GraphDocument;
  readonly conflicts: readonly Conflict[];
}

/** The name of a conflict's place, to remember a choice by. */
export function placeOf(conflict: Conflict): string {
  return JSON.stringify(conflict.path);
}

/**
 * Three-way merge. `choose` decides each conflict; without it mine stays. Where steps stand on the
 * canvas is never a conflict.
 */
export function merge(
  base: GraphDocument,
  own: GraphDocument,
  theirs: GraphDocument,
  choose: (conflict: Conflict) => Side = () => "mine",
): Merged {
  const mine = withoutTwins(base, own, theirs);
  const conflicts: Conflict[] = [];
  const nodes = mergedNodes();
  /** Gone on one side and kept all the same: what the other side says of them stays with them. */
  const kept = (id: string) =>
    Object.hasOwn(nodes, id) && !(Object.hasOwn(mine.nodes, id) && Object.hasOwn(theirs.nodes, id));
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
  const parts = names.map((key) => [key, part(key)] as const);
  const document = Object.fromEntries(parts.filter(([, value]) => value !== undefined));
  return { document: document as unknown as GraphDocument, conflicts };

  function part(key: string): unknown {
    if (key === "nodes") return nodes;
    if (key === "edges") return mergedEdges();
    if (key === "entry") return mergedEntry();
    if (key === "layout") return mergedLayout();
    return value([key], base[key], mine[key], theirs[key]);
  }

  function mergedNodes(): Record<string, NodeSpec> {
    const found: [string, NodeSpec][] = [];
    for (const id of union(Object.keys(mine.nodes), Object.keys(theirs.nodes))) {
      const sides = [at(base.nodes, id), at(mine.nodes, id), at(theirs.nodes, id)] as const;
      const node = nodeOf(id, ...sides) as NodeSpec | undefined;
      if (node !== undefined) found.push([id, node]);
    }
    return Object.fromEntries(found);
  }

  /** Removing a step that the other side just wired is no less a conflict than changing it. */
  function nodeOf(id: string, b: unknown, m: unknown, t: unknown): unknown {
    if (b !== undefined && m === undefined && t !== undefined) {
      if (!equal(b, t) || newlyWired(id, theirs)) return chosen(["nodes", id], b, m, t);
    }
    if (b !== undefined && t === undefined && m !== undefined) {
      if (!equal(b, m) || newlyWired(id, mine)) return chosen(["nodes", id], b, m, t);
    }
    return value(["nodes", id], b, m, t);
  }

  function newlyWired(id: string, side: GraphDocument): boolean {
    const there = new Set(base.edges.map((edge) => edge.id));
    return side.edges.some((edge) => !there.has(edge.id) && (edge.from === id || edge.to === id));
  }

  function mergedEdges(): readonly EdgeSpec[] {
    if (![base, mine, theirs].every(hasSoundIds)) {
      return value(["edges"], base.edges, mine.edges, theirs.edges) as readonly EdgeSpec[];
    }
    const [b, m, t] = [byId(base), byId(mine), byId(theirs)];
    const found = new Map<string, EdgeSpec>();
    for (const id of union([...m.keys()], [...t.keys()])) {
      const edge = edgeOf(id, b.get(id), m.get(id), t.get(id));
      if (edge && Object.hasOwn(nodes, edge.from) && Object.hasOwn(nodes, edge.to)) {
        found.set(id, edge);
      }
    }
    return order([...b.keys()], [...m.keys()], [...t.keys()])
      .map((id) => found.get(id))
      .filter((edge) => edge !== undefined);
  }

  function edgeOf(id: string, b?: EdgeSpec, m?: EdgeSpec, t?: EdgeSpec): EdgeSpec | undefined {
    const left = m ?? t;
    if (b && left && !(m && t) && (kept(left.from) || kept(left.to))) return left;
    return value(["edges", id], b, m, t) as EdgeSpec | undefined;
  }

  /** The order of ways decides which is taken first: the side that changed it leads. */
  function order(b: readonly string[], m: readonly string[], t: readonly string[]): string[] {
    const sets = [b, m, t].map((ids) => new Set(ids));
    const shared = (ids: readonly string[]) =>
      ids.filter((id) => sets.every((each) => each.has(id)));
    const lists = [shared(b), shared(m), shared(t)] as const;
    const leads = value(["order"], ...lists) as readonly string[];
    return leads === lists[2] && !equal(lists[1], lists[2]) ? woven(t, m) : woven(m, t);
  }

  function mergedEntry(): readonly string[] {
    const all =
      equal(base.entry, mine.entry) && !base.entry.some(kept) ? theirs.entry : joinedEntry();
    const entry = all.filter((id) => Object.hasOwn(nodes, id));
    return entry.length ? entry : Object.keys(nodes).slice(0, 1);
  }

  function joinedEntry(): readonly string[] {
    const gone = new Set(base.entry.filter((id) => !theirs.entry.includes(id) && !kept(id)));
    return woven(
      mine.entry.filter((id) => !gone.has(id)),
      theirs.entry.filter((id) => !base.entry.includes(id) || kept(id)),
    );
  }

  function mergedLayout(): GraphDocument["layout"] {
    const ids = union(Object.keys(mine.layout), Object.keys(theirs.layout));
    const places = ids.map((id) => {
      const [b, m, t] = [at(base.layout, id), at(mine.layout, id), at(theirs.layout, id)];
      const place = kept(id) ? (m ?? t) : equal(b, m) ? t : m;
      return [id, place] as const;
    });
    return Object.fromEntries(places.filter(([, at]) => at)) as GraphDocument["layout"];
  }

  function value(path: readonly string[], b: unknown, m: unknown, t: unknown): unknown {
    if (equal(m, t) || equal(b, t)) return m;
    if (equal(b, m)) return t;
    if (isWhole(path) || !isObject(m) || !isObject(t) || (b !== undefined && !isObject(b))) {
      return chosen(path, b, m, t);
    }
    const found = union(Object.keys(m), Object.keys(t)).map((key) => {
      const inner = value([...path, key], at(b ?? {}, key), at(m, key), at(t, key));
      return [key, inner] as const;
    });
    return Object.fromEntries(found.filter(([, each]) => each !== undefined));
  }

  function chosen(path: readonly string[], b: unknown, m: unknown, t: unknown): unknown {
    const conflict = { path, base: b, mine: m, theirs: t };
    conflicts.push(conflict);
    return choose(conflict) === "mine" ? m : t;
  }
}

/** Half of one output and half of another would be an output that no step ever gave. */
function isWhole(path: readonly string[]): boolean {
  return path.length === 3 && path[0] === "meta" && path[1] === "pins";
}

function at(object: object, key: string): unknown {
  return Object.hasOwn(object, key) ? (object as Record<string, unknown>)[key] : undefined;
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])];
}

function byId(document: GraphDocument): Map<string, EdgeSpec> {
  return new Map(document.edges.map((edge) => [edge.id, edge]));
}

function hasSoundIds(document: GraphDocument): boolean {
  return new Set(document.edges.map((edge) => edge.id)).size === document.edges.length;
}

/** All of `first` in its order; what only `second` has stands behind what it stands behind there. */
function woven(first: readonly string[], second: readonly string[]): string[] {
  const made = [...first];
  const known = new Set(first);
  for (const [index, id] of second.entries()) {
    if (known.has(id)) continue;
    const before = second[index - 1];
    made.splice(before === undefined ? 0 : made.indexOf(before) + 1, 0, id);
    known.add(id);
  }
  return made;
}
