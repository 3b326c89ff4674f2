/** Copy and paste as JSON text, across tabs and workflows. */
import {
  DocumentError,
  type EdgeSpec,
  type GraphDocument,
  isObject,
  type NodeSpec,
  type Point,
  toDocument,
} from "./document";
import { changeGroup, freshGroupId, type Group, groupNodes, groupsOf, wholeGroups } from "./groups";
import { freshEdgeId, freshId } from "./ids";
import { withField } from "./nodes";

const KIND = "treadle/clip-1";

export interface Clip {
  readonly kind: typeof KIND;
  readonly nodes: Readonly<Record<string, NodeSpec>>;
  /** Only edges with both ends among the nodes. */
  readonly edges: readonly EdgeSpec[];
  /** Edges with one end among them, and the key of the workflow where the other end is. */
  readonly links?: readonly EdgeSpec[];
  readonly workflow?: string;
  readonly layout: Readonly<Record<string, Point>>;
  /** Groups that were copied with all of their nodes. */
  readonly groups?: readonly Group[];
}

export function copy(document: GraphDocument, ids: ReadonlySet<string>): Clip | null {
  const chosen = Object.keys(document.nodes).filter((id) => ids.has(id));
  if (chosen.length === 0) return null;
  const pick = <T>(from: Readonly<Record<string, T>>) =>
    Object.fromEntries(
      chosen.filter((id) => Object.hasOwn(from, id)).map((id) => [id, from[id] as T]),
    );
  return {
    kind: KIND,
    nodes: pick(document.nodes),
    edges: document.edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to)),
    links: document.edges.filter((edge) => ids.has(edge.from) !== ids.has(edge.to)),
    workflow: String(document.key ?? ""),
    layout: pick(document.layout),
    groups: wholeGroups(document, ids).flatMap((id) => groupsOf(document).get(id) ?? []),
  };
}

/** A clip from text, or null when the text is something else. */
export function readClip(text: string): Clip | null {
  try {
    const value: unknown = JSON.parse(text);
    return isClip(value) ? checked(value) : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DocumentError) return null;
    throw error;
  }
}

/** A clip may come from anywhere: it has to pass where whole documents do. */
function checked(clip: Clip): Clip {
  const { nodes, edges, layout } = clip;
  const inner = toDocument({ format: "treadle/1", nodes, edges, layout });
  const { links = [] } = clip;
  const outer = toDocument({ format: "treadle/1", edges: links });
  return {
    ...clip,
    nodes: inner.nodes,
    edges: inner.edges,
    layout: inner.layout,
    links: outer.edges,
  };
}

export interface Pasted {
  readonly document: GraphDocument;
  readonly ids: readonly string[];
}

/**
 * Add a clip with new ids; its upper left corner goes to `at`, or a little beside where it was.
 * With `links` the copies are joined to what the originals were joined to, in the same workflow.
 */
export function paste(
  document: GraphDocument,
  clip: Clip,
  at: Point | null,
  links = false,
): Pasted {
  const names = new Map<string, string>();
  const nodes: Record<string, NodeSpec> = { ...document.nodes };
  for (const [id, spec] of Object.entries(clip.nodes)) {
    const name = freshId(id, (taken) => Object.hasOwn(nodes, taken));
    names.set(id, name);
    nodes[name] = spec;
  }
  for (const name of names.values()) nodes[name] = withCancels(nodes[name] as NodeSpec, names);
  const ids = [...names.values()];
  const kept = links ? linksTo(document, clip) : [];
  const outside = kept.flatMap(({ from, to }) => [from, to]).map((id) => [id, id] as const);
  const wholeNames = new Map([...outside, ...names]);
  return {
    ids,
    document: withGroups(clip, names, {
      ...document,
      entry: document.entry.length ? document.entry : ids.slice(0, 1),
      nodes,
      edges: addEdges(document.edges, [...clip.edges, ...kept], wholeNames),
      layout: { ...document.layout, ...shifted(clip, names, at) },
    }),
  };
}

function withGroups(
  clip: Clip,
  names: ReadonlyMap<string, string>,
  document: GraphDocument,
): GraphDocument {
  return (clip.groups ?? []).reduce((grouped, { nodes, title, collapsed }) => {
    const id = freshGroupId(grouped);
    const copies = nodes.flatMap((node) => names.get(node) ?? []);
    return changeGroup(groupNodes(grouped, id, copies, title), id, { collapsed });
  }, document);
}

/** The links of a clip whose other ends are there. */
function linksTo(document: GraphDocument, clip: Clip): readonly EdgeSpec[] {
  if (clip.workflow !== String(document.key ?? "")) return [];
  const there = (id: string) => Object.hasOwn(clip.nodes, id) || Object.hasOwn(document.nodes, id);
  return (clip.links ?? []).filter((edge) => there(edge.from) && there(edge.to));
}

/** A copy withdraws the copies of what its original withdraws; what was not copied is left alone. */
function withCancels(spec: NodeSpec, names: ReadonlyMap<string, string>): NodeSpec {
  if (!Array.isArray(spec.cancels)) return spec;
  const cancels = spec.cancels.flatMap((id) => names.get(String(id)) ?? []);
  return withField(spec, "cancels", cancels.length ? cancels : undefined);
}

function addEdges(
  present: readonly EdgeSpec[],
  copied: readonly EdgeSpec[],
  names: ReadonlyMap<string, string>,
): EdgeSpec[] {
  const edges = [...present];
  const renamed = new Map<string, string>();
  for (const edge of copied) {
    const [from, to] = [names.get(edge.from), names.get(edge.to)];
    if (from === undefined || to === undefined) continue;
    const id = freshEdgeId(edges);
    renamed.set(edge.id, id);
    edges.push({ ...edge, id, from, to });
  }
  return edges.map((edge, index) =>
    index < present.length || !edge.resets
      ? edge
      : { ...edge, resets: edge.resets.flatMap((id) => renamed.get(id) ?? []) },
  );
}

function shifted(
  clip: Clip,
  names: ReadonlyMap<string, string>,
  at: Point | null,
): Record<string, Point> {
  const points = Object.values(clip.layout);
  const left = Math.min(...points.map(([x]) => x));
  const top = Math.min(...points.map(([, y]) => y));
  const [dx, dy] = at && points.length ? [at[0] - left, at[1] - top] : [32, 32];
  return Object.fromEntries(
    [...names].map(([id, name]) => {
      const [x, y] = clip.layout[id] ?? [0, 0];
      return [name, [x + dx, y + dy]];
    }),
  );
}

function isClip(value: unknown): value is Clip {
  return (
    isObject(value) &&
    value.kind === KIND &&
    isObject(value.nodes) &&
    (value.groups === undefined || (Array.isArray(value.groups) && value.groups.every(isGroup)))
  );
}

const isGroup = (group: unknown) =>
  isObject(group) && typeof group.title === "string" && Array.isArray(group.nodes);
