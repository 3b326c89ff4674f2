/**
 * Groups: frames around nodes that belong together, which can be drawn as one box. They live in the
 * document's `meta.groups`, which no run reads and no hash covers. A node is in one group at most,
 * and a frame has no place of its own: it lies around its nodes.
 */
import { t } from "../words/t";
import { type GraphDocument, isObject, type Point } from "./document";
import { bounds, centre, NODE_WIDTH, type Rect, sceneOf } from "./geometry";
import { freshId } from "./ids";
import { placeNodes, withPath } from "./nodes";

export interface Group {
  readonly title: string;
  /** Ids of nodes that are there, each in no group before this one. */
  readonly nodes: readonly string[];
  /** Drawn as one box, its wires leading to it. */
  readonly collapsed: boolean;
}

export const LONGEST_TITLE = 80;

const NONE: ReadonlyMap<string, Group> = new Map();
const read = new WeakMap<object, WeakMap<object, ReadonlyMap<string, Group>>>();

/** The groups of a document by id, in order. What is not shaped like one, or left empty, is left out. */
export function groupsOf(document: GraphDocument): ReadonlyMap<string, Group> {
  const raw = isObject(document.meta) ? document.meta.groups : undefined;
  if (!isObject(raw)) return NONE;
  const byNodes = read.get(raw) ?? new WeakMap<object, ReadonlyMap<string, Group>>();
  read.set(raw, byNodes);
  const known = byNodes.get(document.nodes);
  if (known) return known;
  const taken = new Set<string>();
  const groups = new Map(
    Object.entries(raw).flatMap(([id, group]) => toGroup(document, id, group, taken)),
  );
  byNodes.set(document.nodes, groups);
  return groups;
}

function toGroup(
  document: GraphDocument,
  id: string,
  raw: unknown,
  taken: Set<string>,
): [string, Group][] {
  if (!isObject(raw) || !Array.isArray(raw.nodes)) return [];
  const nodes: string[] = [];
  for (const node of raw.nodes) {
    if (typeof node !== "string" || taken.has(node) || !Object.hasOwn(document.nodes, node))
      continue;
    taken.add(node);
    nodes.push(node);
  }
  const title = typeof raw.title === "string" ? raw.title.slice(0, LONGEST_TITLE) : "";
  return nodes.length ? [[id, { title, nodes, collapsed: raw.collapsed === true }]] : [];
}

/** What a group is called: by its title, else as a group. */
export const groupName = (group: Group): string => group.title || t("Group");

/** The group a node is in; null when it is in none. */
export function groupOf(document: GraphDocument, node: string): string | null {
  for (const [id, group] of groupsOf(document)) if (group.nodes.includes(node)) return id;
  return null;
}

/** The groups of which all nodes are among these. */
export function wholeGroups(document: GraphDocument, nodes: ReadonlySet<string>): string[] {
  return [...groupsOf(document)].flatMap(([id, group]) =>
    group.nodes.every((node) => nodes.has(node)) ? [id] : [],
  );
}

export function freshGroupId(document: GraphDocument): string {
  const raw = isObject(document.meta) ? document.meta.groups : undefined;
  return freshId("group", (id) => isObject(raw) && Object.hasOwn(raw, id));
}

/** Put nodes into a new group; they leave those they were in. */
export function groupNodes(
  document: GraphDocument,
  id: string,
  nodes: Iterable<string>,
  title = "",
): GraphDocument {
  const chosen = [...new Set(nodes)].filter((node) => Object.hasOwn(document.nodes, node));
  if (chosen.length === 0) return document;
  const left = leave(document, new Set(chosen));
  return write(left, id, { title, nodes: chosen, collapsed: false });
}

/** Take nodes out of their groups; a group that is left empty goes. */
export function leave(document: GraphDocument, nodes: ReadonlySet<string>): GraphDocument {
  let next = document;
  for (const [id, group] of groupsOf(document)) {
    const kept = group.nodes.filter((node) => !nodes.has(node));
    if (kept.length < group.nodes.length) next = write(next, id, { ...group, nodes: kept });
  }
  return next;
}

export function dissolve(document: GraphDocument, id: string): GraphDocument {
  return groupsOf(document).has(id)
    ? withPath(document, ["meta", "groups", id], undefined)
    : document;
}

export function changeGroup(
  document: GraphDocument,
  id: string,
  change: Partial<Pick<Group, "title" | "collapsed">>,
): GraphDocument {
  const group = groupsOf(document).get(id);
  if (!group) return document;
  const next = { ...group, ...change };
  const same = next.title === group.title && next.collapsed === group.collapsed;
  return same ? document : write(document, id, next);
}

/** Call a node something else in its group. */
export function renameInGroups(document: GraphDocument, from: string, to: string): GraphDocument {
  const id = groupOf(document, from);
  const group = id === null ? undefined : groupsOf(document).get(id);
  if (id === null || !group) return document;
  const nodes = group.nodes.map((node) => (node === from ? to : node));
  return write(document, id, { ...group, nodes });
}

/** A group as it stands in the document: what is not said is left out. */
function write(document: GraphDocument, id: string, group: Group): GraphDocument {
  const { title, nodes, collapsed } = group;
  const made = { ...(title && { title }), nodes, ...(collapsed && { collapsed }) };
  return withPath(document, ["meta", "groups", id], nodes.length ? made : undefined);
}

const SIDE = 24;
const HEAD = 48;
/** Wires that lead back run around and below the nodes, with their labels on them. */
const LOOP_ROOM = [40, 64] as const;

/** The frame around a group's nodes, with room for its title. */
export function frameOf(document: GraphDocument, nodes: Iterable<string>): Rect | null {
  const { boxes } = sceneOf(document);
  const inside = new Set(nodes);
  const around = bounds([...inside].flatMap((id) => boxes.get(id) ?? []));
  if (!around) return null;
  const [side, foot] = hasLoop(document, inside) ? LOOP_ROOM : [SIDE, SIDE];
  return {
    x: around.x - side,
    y: around.y - HEAD,
    width: around.width + 2 * side,
    height: around.height + HEAD + foot,
  };
}

/** Whether a wire between these nodes runs back, and so below them. */
function hasLoop(document: GraphDocument, inside: ReadonlySet<string>): boolean {
  return document.edges.some((edge) => {
    if (!inside.has(edge.from) || !inside.has(edge.to)) return false;
    const [from, to] = [document.layout[edge.from], document.layout[edge.to]];
    return from !== undefined && to !== undefined && to[0] < from[0] + NODE_WIDTH;
  });
}

/** So far a node has to be drawn out of its frame to leave it. */
const LOOSE = 72;

/**
 * Move nodes, and let them into the open frames they come to lie in, or out of those they are drawn
 * away from. A group that moves as a whole keeps its nodes.
 */
export function moveNodes(
  document: GraphDocument,
  places: ReadonlyMap<string, Point>,
): GraphDocument {
  const moved = placeNodes(document, places);
  if (moved === document || groupsOf(document).size === 0) return moved;
  const homes = new Map<string, string | null>();
  for (const node of places.keys()) homes.set(node, homeAfter(moved, node, places));
  let next = moved;
  for (const [node, home] of homes) {
    const before = groupOf(document, node);
    if (home === before) continue;
    next = leave(next, new Set([node]));
    const group = home === null ? undefined : groupsOf(next).get(home);
    if (home !== null && group) {
      next = write(next, home, { ...group, nodes: [...group.nodes, node] });
    }
  }
  return next;
}

function homeAfter(
  moved: GraphDocument,
  node: string,
  places: ReadonlyMap<string, Point>,
): string | null {
  const box = sceneOf(moved).boxes.get(node);
  const own = groupOf(moved, node);
  if (!box) return own;
  const stay = (id: string, group: Group): boolean => {
    const still = group.nodes.filter((other) => !places.has(other));
    if (still.length === 0) return id === own;
    const frame = frameOf(moved, still);
    if (!frame || (group.collapsed && id !== own)) return false;
    return id === own ? touches(grown(frame, LOOSE), box) : holds(frame, centre(box));
  };
  const mine = own === null ? undefined : groupsOf(moved).get(own);
  if (own !== null && mine && stay(own, mine)) return own;
  for (const [id, group] of groupsOf(moved)) if (id !== own && stay(id, group)) return id;
  return null;
}

const grown = ({ x, y, width, height }: Rect, by: number): Rect => ({
  x: x - by,
  y: y - by,
  width: width + 2 * by,
  height: height + 2 * by,
});

const touches = (a: Rect, b: Rect) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const holds = ({ x, y, width, height }: Rect, [px, py]: Point) =>
  px >= x && px <= x + width && py >= y && py <= y + height;
