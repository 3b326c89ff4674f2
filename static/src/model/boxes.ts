/** Which boxes lie at a point or in an area, found without looking at all of them. */
import type { GraphDocument, Point } from "./document";
import type { Rect } from "./geometry";
import { shownOf } from "./shown";

const CELL = 512;

/** A grid over boxes. Later boxes lie on top of earlier ones. */
export class BoxIndex {
  readonly #cells = new Map<string, string[]>();
  readonly #boxes: ReadonlyMap<string, Rect>;
  readonly #rank = new Map<string, number>();

  constructor(boxes: ReadonlyMap<string, Rect>) {
    this.#boxes = boxes;
    for (const [id, box] of boxes) {
      this.#rank.set(id, this.#rank.size);
      for (const key of cellsOf(box)) {
        const cell = this.#cells.get(key);
        if (cell) cell.push(id);
        else this.#cells.set(key, [id]);
      }
    }
  }

  /** The topmost box at a point, or one within `slack` of it; null when there is none. */
  at([x, y]: Point, slack = 0): string | null {
    const area = { x: x - slack, y: y - slack, width: 2 * slack, height: 2 * slack };
    return this.within(area).at(-1) ?? null;
  }

  /** Ids of all boxes that touch an area, in document order. */
  within(area: Rect): string[] {
    if ((area.width / CELL) * (area.height / CELL) > this.#cells.size) return this.#among(area);
    const found = new Set<string>();
    for (const key of cellsOf(area)) {
      for (const id of this.#cells.get(key) ?? []) {
        const box = this.#boxes.get(id);
        if (box && touches(box, area)) found.add(id);
      }
    }
    const rank = (id: string) => this.#rank.get(id) ?? 0;
    return [...found].sort((a, b) => rank(a) - rank(b));
  }

  /** For areas of more cells than there are: looking at every box is quicker. */
  #among(area: Rect): string[] {
    return [...this.#boxes].filter(([, box]) => touches(box, area)).map(([id]) => id);
  }
}

const indexes = new WeakMap<ReadonlyMap<string, Rect>, BoxIndex>();

/** Where what is drawn lies: nodes and the boxes of collapsed groups. */
export function indexOf(document: GraphDocument): BoxIndex {
  const { boxes } = shownOf(document);
  const known = indexes.get(boxes);
  if (known) return known;
  const index = new BoxIndex(boxes);
  indexes.set(boxes, index);
  return index;
}

function* cellsOf({ x, y, width, height }: Rect): Generator<string> {
  const last = [Math.floor((x + width) / CELL), Math.floor((y + height) / CELL)] as const;
  for (let column = Math.floor(x / CELL); column <= last[0]; column += 1) {
    for (let row = Math.floor(y / CELL); row <= last[1]; row += 1) yield `${column},${row}`;
  }
}

function touches(a: Rect, b: Rect): boolean {
  return (
    a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height
  );
}
