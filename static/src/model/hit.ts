/** Finding what lies at a point of the canvas without asking the page: far view, drops, travel. */
import type { GraphDocument, Point } from "./document";
import { centre, type Rect } from "./geometry";
import { pathOf } from "./paths";

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
