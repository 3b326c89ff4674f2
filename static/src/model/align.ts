/** Bringing the selected nodes into line. What comes out are places for `edits.arrange`. */
import type { GraphDocument, Point } from "./document";
import { type Rect, sceneOf } from "./geometry";

export const LINES = ["left", "centre", "right", "top", "middle", "bottom"] as const;
export type Line = (typeof LINES)[number];
export type Axis = "across" | "down";

/** Where in a box each line lies: along which axis, and at which part of its length. */
const PARTS: Readonly<Record<Line, readonly [axis: Axis, part: number]>> = {
  left: ["across", 0],
  centre: ["across", 0.5],
  right: ["across", 1],
  top: ["down", 0],
  middle: ["down", 0.5],
  bottom: ["down", 1],
};

/** Move all nodes so that the same line of their boxes is the same line of the whole. */
export function aligned(
  document: GraphDocument,
  ids: Iterable<string>,
  line: Line,
): Map<string, Point> {
  const [axis, part] = PARTS[line];
  const boxes = boxesOf(document, ids);
  const starts = boxes.map(([, box]) => start(box, axis));
  const ends = boxes.map(([, box]) => start(box, axis) + size(box, axis));
  const [first, last] = [Math.min(...starts), Math.max(...ends)];
  const at = first + (last - first) * part;
  return new Map(
    boxes.map(([id, box]) => [id, put(box, axis, Math.round(at - size(box, axis) * part))]),
  );
}

/** Give the nodes equal gaps between the first and the last, which stay. Nothing for fewer than three. */
export function distributed(
  document: GraphDocument,
  ids: Iterable<string>,
  axis: Axis,
): Map<string, Point> {
  const boxes = boxesOf(document, ids).sort(([, a], [, b]) => start(a, axis) - start(b, axis));
  const [first, last] = [boxes[0]?.[1], boxes.at(-1)?.[1]];
  if (!first || !last || boxes.length < 3) return new Map();
  const taken = boxes.reduce((sum, [, box]) => sum + size(box, axis), 0);
  const room = start(last, axis) + size(last, axis) - start(first, axis);
  const gap = (room - taken) / (boxes.length - 1);
  let at = start(first, axis);
  return new Map(
    boxes.map(([id, box]) => {
      const place = put(box, axis, Math.round(at));
      at += size(box, axis) + gap;
      return [id, place];
    }),
  );
}

function boxesOf(document: GraphDocument, ids: Iterable<string>): [string, Rect][] {
  const { boxes } = sceneOf(document);
  return [...ids].flatMap((id) => {
    const box = boxes.get(id);
    return box ? [[id, box] as [string, Rect]] : [];
  });
}

const start = (box: Rect, axis: Axis) => (axis === "across" ? box.x : box.y);
const size = (box: Rect, axis: Axis) => (axis === "across" ? box.width : box.height);
const put = (box: Rect, axis: Axis, at: number): Point =>
  axis === "across" ? [at, box.y] : [box.x, at];
