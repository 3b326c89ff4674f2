/** What is selected, and the one thing that has the keyboard. */
import type { GraphDocument } from "./document";
import { groupsOf } from "./groups";

export interface Focus {
  readonly kind: "node" | "edge" | "group";
  readonly id: string;
}

export interface Selection {
  readonly nodes: ReadonlySet<string>;
  readonly edges: ReadonlySet<string>;
  readonly focus: Focus | null;
}

export const NOTHING: Selection = { nodes: new Set(), edges: new Set(), focus: null };

export function selectNode(id: string): Selection {
  return { nodes: new Set([id]), edges: new Set(), focus: { kind: "node", id } };
}

export function selectEdge(id: string): Selection {
  return { nodes: new Set(), edges: new Set([id]), focus: { kind: "edge", id } };
}

export function selectNodes(ids: Iterable<string>, focus?: string): Selection {
  const nodes = new Set(ids);
  const id = focus ?? nodes.values().next().value;
  return { nodes, edges: new Set(), focus: id === undefined ? null : { kind: "node", id } };
}

/** Select all nodes of a group, and give its frame or box the keyboard. */
export function selectGroup(document: GraphDocument, id: string): Selection {
  const nodes = new Set(groupsOf(document).get(id)?.nodes);
  return { nodes, edges: new Set(), focus: { kind: "group", id } };
}

/** Add or take away one node, keeping the others. */
export function toggleNode(selection: Selection, id: string): Selection {
  const nodes = new Set(selection.nodes);
  if (!nodes.delete(id)) nodes.add(id);
  return { nodes, edges: selection.edges, focus: { kind: "node", id } };
}

/** Drop what the document no longer holds; the same object when all of it is still there. */
export function prune(selection: Selection, document: GraphDocument): Selection {
  const edgeIds = new Set(document.edges.map((edge) => edge.id));
  const hasNode = (id: string) => Object.hasOwn(document.nodes, id);
  const hasGroup = (id: string) => groupsOf(document).has(id);
  const { focus } = selection;
  const focusLives =
    focus === null ||
    { node: hasNode, edge: (id: string) => edgeIds.has(id), group: hasGroup }[focus.kind](focus.id);
  const nodes = keep(selection.nodes, hasNode);
  const edges = keep(selection.edges, (id) => edgeIds.has(id));
  if (nodes === selection.nodes && edges === selection.edges && focusLives) return selection;
  return { nodes, edges, focus: focusLives ? focus : null };
}

function keep(ids: ReadonlySet<string>, lives: (id: string) => boolean): ReadonlySet<string> {
  const left = [...ids].filter(lives);
  return left.length === ids.size ? ids : new Set(left);
}

/** The only selected node, or null when none or several are. */
export function onlyNode(selection: Selection): string | null {
  const [id] = selection.nodes;
  return selection.nodes.size === 1 && selection.edges.size === 0 ? (id ?? null) : null;
}

export function onlyEdge(selection: Selection): string | null {
  const [id] = selection.edges;
  return selection.edges.size === 1 && selection.nodes.size === 0 ? (id ?? null) : null;
}
