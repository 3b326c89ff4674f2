/** Two versions of a graph as one picture: the newer one, and what it lacks of the older. Pure. */
import { placed } from "../canvas/placed";
import type { GraphDocument, Point } from "../model/document";
import { sceneOf } from "../model/geometry";

/** Steps are moved down by this much until they lie on no other. */
const STEP_DOWN = 88;

/**
 * The newer document with the removed steps and ways of the older one. Steps stand where the newer
 * one has them: that they were moved does not count.
 */
export function union(older: GraphDocument, newer: GraphDocument): GraphDocument {
  const [before, after] = [placed(older), placed(newer)];
  const gone = Object.keys(before.nodes).filter((id) => !Object.hasOwn(after.nodes, id));
  const known = new Set(after.edges.map((edge) => edge.id));
  const nodes = { ...after.nodes };
  const layout: Record<string, Point> = { ...after.layout };
  const taken = [...sceneOf(after).boxes.values()];
  for (const id of gone) {
    nodes[id] = before.nodes[id] ?? { type: "noop" };
    const box = sceneOf(before).boxes.get(id) ?? { x: 0, y: 0, width: 208, height: 64 };
    const free = { ...box };
    while (taken.some((other) => overlap(other, free))) free.y += STEP_DOWN;
    taken.push(free);
    layout[id] = [free.x, free.y];
  }
  const edges = before.edges.filter(
    ({ id, from, to }) => !known.has(id) && Object.hasOwn(nodes, from) && Object.hasOwn(nodes, to),
  );
  // Groups would hide what changed in them, and notes are no part of what a run does.
  const { meta: _looks, ...rest } = after;
  return { ...rest, nodes, layout, edges: [...after.edges, ...edges] } as GraphDocument;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
