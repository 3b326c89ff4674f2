/** Joining two people's edits of one draft: node by node, edge by edge, key by key. */
import type { EdgeSpec, GraphDocument } from "./document";
import { equal } from "./equal";

export interface Merged {
  readonly document: GraphDocument;
  /** What both changed differently, in words; empty when the merge is clean. */
  readonly conflicts: readonly string[];
}

/** Three-way merge. Where both sides changed the same thing differently, `mine` is kept and named. */
export function merge(base: GraphDocument, mine: GraphDocument, theirs: GraphDocument): Merged {
  const conflicts: string[] = [];
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
  const parts = names.map((key) => [key, part(key)] as const);
  const document = Object.fromEntries(parts.filter(([, value]) => value !== undefined));
  return { document: withoutLooseEnds(document as unknown as GraphDocument), conflicts };

  function part(key: string): unknown {
    const sides = [base[key], mine[key], theirs[key]] as const;
    if (key === "nodes") return byKey("node", ...(sides as Sides));
    if (key === "layout") return byKey("place of", ...(sides as Sides), false);
    if (key === "edges") return edges(base.edges, mine.edges, theirs.edges);
    if (key === "meta") return meta(...(sides.map((side) => side ?? {}) as unknown as Sides));
    return pick(key, ...sides);
  }

  /** Notes are joined one by one, the rest of it key by key. */
  function meta(b: Side, m: Side, t: Side): Side | undefined {
    const notes = [b, m, t].map((side) => (side.notes ?? {}) as Side) as unknown as Sides;
    const joined = byKey("note", ...notes);
    const rest = [b, m, t].map(({ notes: _, ...others }) => others) as unknown as Sides;
    const whole = byKey("meta", ...rest);
    const made = Object.keys(joined).length ? { ...whole, notes: joined } : whole;
    return Object.keys(made).length ? made : undefined;
  }

  function byKey(word: string, b: Side, m: Side, t: Side, report = true): Side {
    const keys = [...new Set([...Object.keys(m), ...Object.keys(t)])];
    const entries = keys.map((key) => [
      key,
      pick(`${word} ${key}`, b[key], m[key], t[key], report),
    ]);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  }

  function edges(
    b: readonly EdgeSpec[],
    m: readonly EdgeSpec[],
    t: readonly EdgeSpec[],
  ): readonly EdgeSpec[] {
    const [bm, mm, tm] = [b, m, t].map(
      (list) => Object.fromEntries(list.map((edge) => [edge.id, edge])) as Side,
    );
    const merged = byKey("edge", bm ?? {}, mm ?? {}, tm ?? {});
    const order = [...m, ...t.filter((edge) => !mm || !Object.hasOwn(mm, edge.id))];
    return order.flatMap((edge) => (merged[edge.id] as EdgeSpec | undefined) ?? []);
  }

  function pick(what: string, b: unknown, m: unknown, t: unknown, report = true): unknown {
    if (equal(m, t) || equal(b, t)) return m;
    if (equal(b, m)) return t;
    if (report) conflicts.push(what);
    return m;
  }
}

type Side = Readonly<Record<string, unknown>>;
type Sides = readonly [Side, Side, Side];

/** One side may have removed a node that the other side wired: edges without an end go. */
function withoutLooseEnds(document: GraphDocument): GraphDocument {
  const has = (id: string) => Object.hasOwn(document.nodes, id);
  const edges = document.edges.filter((edge) => has(edge.from) && has(edge.to));
  const entry = document.entry.filter(has);
  return {
    ...document,
    entry: entry.length ? entry : Object.keys(document.nodes).slice(0, 1),
    edges: edges.length === document.edges.length ? document.edges : edges,
  };
}
