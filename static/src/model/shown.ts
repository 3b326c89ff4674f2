/**
 * What of a document is drawn: nodes, and in place of the nodes of a collapsed group its one box. A
 * group's box goes by a mark that no node can be called, so that both stand in one list.
 */
import type { EdgeSpec, GraphDocument, Point } from "./document";
import { kindOf } from "./edges";
import {
  bounds,
  NODE_HEIGHT,
  NODE_WIDTH,
  type NodeGeometry,
  outKinds,
  portsOf,
  type Rect,
  type Scene,
  sceneOf,
} from "./geometry";
import { type Group, groupsOf } from "./groups";
import { snap } from "./nodes";

/** A private letter: names of nodes are printable, so none begins with it. */
const MARK = "\ue000";

export const markOf = (group: string): string => MARK + group;

/** The group whose box goes by this id; null when it is a node's. */
export const groupOfMark = (id: string): string | null =>
  id.startsWith(MARK) ? id.slice(1) : null;

export interface Shown extends Scene {
  /** For each node that is not drawn, the mark of the box that stands for it. */
  readonly stands: ReadonlyMap<string, string>;
}

const NOBODY: ReadonlyMap<string, string> = new Map();
const known = new WeakMap<GraphDocument, Shown>();

/** Boxes and ports of all that is drawn. Remembered per document. */
export function shownOf(document: GraphDocument): Shown {
  const old = known.get(document);
  if (old) return old;
  const collapsed = [...groupsOf(document)].filter(([, group]) => group.collapsed);
  const shown = collapsed.length
    ? withBoxes(document, collapsed)
    : { ...sceneOf(document), stands: NOBODY };
  known.set(document, shown);
  return shown;
}

function withBoxes(document: GraphDocument, collapsed: readonly [string, Group][]): Shown {
  const scene = sceneOf(document);
  const stands = new Map<string, string>();
  for (const [id, group] of collapsed) for (const node of group.nodes) stands.set(node, markOf(id));
  const open = <T>(all: ReadonlyMap<string, T>) =>
    new Map([...all].filter(([id]) => !stands.has(id)));
  const boxes = open(scene.boxes);
  const geometry = open(scene.geometry);
  for (const [id, group] of collapsed) {
    const shape = shapeOf(document, markOf(id), stands);
    geometry.set(markOf(id), shape);
    boxes.set(markOf(id), boxOf(scene, group, shape));
  }
  return { boxes, geometry, stands };
}

/** One port in where ways come in, and one port out for each kind of way that leads out. */
function shapeOf(
  document: GraphDocument,
  mark: string,
  stands: ReadonlyMap<string, string>,
): NodeGeometry {
  const here = (id: string) => stands.get(id) === mark;
  const outs = document.edges.filter((edge) => here(edge.from) && !here(edge.to));
  const ins = document.edges.some((edge) => here(edge.to) && !here(edge.from));
  const kinds = outKinds(outs.map((edge) => ({ ...edge, from: mark }))).get(mark) ?? [];
  const plain = outs.some((edge) => kindOf(edge) === "ok") ? ["ok"] : [];
  return portsOf([...plain, ...kinds], ins);
}

function boxOf(scene: Scene, group: Group, { height }: NodeGeometry): Rect {
  const around = bounds(group.nodes.flatMap((id) => scene.boxes.get(id) ?? []));
  if (!around) return { x: 0, y: 0, width: NODE_WIDTH, height };
  const [x, y] = snap([around.x, around.y + (around.height - NODE_HEIGHT) / 2]);
  return { x, y, width: NODE_WIDTH, height };
}

/** What is drawn for a node: itself, or the box of its group. */
export function standFor(document: GraphDocument, node: string): string {
  return shownOf(document).stands.get(node) ?? node;
}

/** Between which boxes an edge is drawn; null when both ends lie in the same one. */
export function endsOf(
  document: GraphDocument,
  edge: EdgeSpec,
): { readonly from: string; readonly to: string } | null {
  const { stands } = shownOf(document);
  const [from, to] = [stands.get(edge.from) ?? edge.from, stands.get(edge.to) ?? edge.to];
  return from === to && stands.has(edge.from) ? null : { from, to };
}

/** Places of boxes as places of nodes: the nodes of a group move as far as its box does. */
export function unfold(
  document: GraphDocument,
  places: ReadonlyMap<string, Point>,
): ReadonlyMap<string, Point> {
  const { boxes } = shownOf(document);
  const result = new Map<string, Point>();
  for (const [id, at] of places) {
    const group = groupOfMark(id);
    const box = boxes.get(id);
    if (group === null) result.set(id, at);
    else if (box) {
      for (const node of groupsOf(document).get(group)?.nodes ?? []) {
        const [x, y] = document.layout[node] ?? [0, 0];
        result.set(node, [x + at[0] - box.x, y + at[1] - box.y]);
      }
    }
  }
  return result;
}

/** The nodes that a box stands for: itself, or all of its group. */
export function nodesBehind(document: GraphDocument, id: string): readonly string[] {
  const group = groupOfMark(id);
  return group === null ? [id] : (groupsOf(document).get(group)?.nodes ?? []);
}
