/** Finding what lies at a point of the canvas without asking the page: far view, drops, travel. */
import type { GraphDocument, Point } from "./document";
import { centre, type Rect, sceneOf } from "./geometry";
import { pathOf } from "./paths";

const CELL = 512;

/** A grid over boxes. Later boxes lie on top of earlier ones. */
export class BoxIndex {
  readonly #cells = new Map<string, string[]>();
  readonly #boxes: ReadonlyMap<string, Rect>;

  constructor(boxes: ReadonlyMap<string, Rect>) {
    this.#boxes = boxes;
    for (const [id, box] of boxes) {
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
    const found = new Set<string>();
    for (const key of cellsOf(area)) {
      for (const id of this.#cells.get(key) ?? []) {
        const box = this.#boxes.get(id);
        if (box && touches(box, area)) found.add(id);
      }
    }
    return found.size > 1 ? [...this.#boxes.keys()].filter((id) => found.has(id)) : [...found];
  }
}

const indexes = new WeakMap<GraphDocument, BoxIndex>();

export function indexOf(document: GraphDocument): BoxIndex {
  const known = indexes.get(document);
  if (known) return known;
  const index = new BoxIndex(sceneOf(document).boxes);
  indexes.set(document, index);
  return index;
}

/** The edge whose drawn way passes within `slack` of a point, the nearest first; null without one. */
export function edgeAt(document: GraphDocument, point: Point, slack = 14): string | null {
  let best: string | null = null;
  let nearest = slack;
  for (const edge of document.edges) {
    const path = pathOf(document, edge);
    if (!path) continue;
    const distance = toLine(path.points, point);
    if (distance <= nearest) {
      nearest = distance;
      best = edge.id;
    }
  }
  return best;
}

export type Direction = "left" | "right" | "up" | "down";

/** The nearest node in a direction: distance ahead counts once, distance aside twice. */
export function neighbour(
  boxes: ReadonlyMap<string, Rect>,
  from: string,
  direction: Direction,
): string | null {
  const start = boxes.get(from);
  if (!start) return boxes.keys().next().value ?? null;
  const [x, y] = centre(start);
  let best: string | null = null;
  let least = Infinity;
  for (const [id, box] of boxes) {
    const [bx, by] = centre(box);
    const { ahead, aside } = split(bx - x, by - y, direction);
    const cost = ahead + 2 * aside;
    if (id !== from && ahead > 4 && cost < least) {
      least = cost;
      best = id;
    }
  }
  return best;
}

/** The node whose centre is nearest to a point. */
export function nearest(boxes: ReadonlyMap<string, Rect>, [x, y]: Point): string | null {
  let best: string | null = null;
  let least = Infinity;
  for (const [id, box] of boxes) {
    const [bx, by] = centre(box);
    const distance = Math.hypot(bx - x, by - y);
    if (distance < least) {
      least = distance;
      best = id;
    }
  }
  return best;
}

function split(dx: number, dy: number, direction: Direction): { ahead: number; aside: number } {
  if (direction === "left") return { ahead: -dx, aside: Math.abs(dy) };
  if (direction === "right") return { ahead: dx, aside: Math.abs(dy) };
  if (direction === "up") return { ahead: -dy, aside: Math.abs(dx) };
  return { ahead: dy, aside: Math.abs(dx) };
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

function toLine(points: readonly Point[], point: Point): number {
  let least = Infinity;
  for (let i = 1; i < points.length; i += 1) {
    const [a, b] = [points[i - 1], points[i]];
    if (a && b) least = Math.min(least, toSegment(point, a, b));
  }
  return least;
}

function toSegment([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const t = length ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}
