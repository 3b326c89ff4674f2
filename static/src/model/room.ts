/** Room on the canvas for something new. */
import { indexOf } from "./boxes";
import type { GraphDocument, Point } from "./document";
import { notesOf } from "./notes";

const STEP = 48;
const RINGS = 12;
const MARGIN = 16;

/**
 * The upper left corner for something of this size where neither steps nor notes lie: around
 * `middle`, else as near to it as there is room, else around it all the same.
 */
export function roomFor(document: GraphDocument, size: Point, middle: Point): Point {
  const corner: Point = [middle[0] - size[0] / 2, middle[1] - size[1] / 2];
  const [width, height] = [size[0] + 2 * MARGIN, size[1] + 2 * MARGIN];
  const index = indexOf(document);
  const notes = [...notesOf(document).values()];
  const isFree = ([x, y]: Point) =>
    index.within({ x: x - MARGIN, y: y - MARGIN, width, height }).length === 0 &&
    notes.every(
      ({ at, size: own }) =>
        at[0] >= x + size[0] || x >= at[0] + own[0] || at[1] >= y + size[1] || y >= at[1] + own[1],
    );
  const places = OFFSETS.map(([dx, dy]): Point => [corner[0] + dx, corner[1] + dy]);
  return places.find(isFree) ?? corner;
}

/** The nearest first. */
const OFFSETS: readonly Point[] = Array.from({ length: (2 * RINGS + 1) ** 2 }, (_, at): Point => {
  const across = 2 * RINGS + 1;
  return [((at % across) - RINGS) * STEP, (Math.floor(at / across) - RINGS) * STEP];
}).sort((a, b) => Math.hypot(...a) - Math.hypot(...b));
