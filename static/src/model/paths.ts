/** The drawn way of an edge, as an SVG path, a middle for its label and points for hit tests. */
import { indexOf } from "./boxes";
import type { EdgeSpec, GraphDocument, Point } from "./document";
import { kindOf } from "./edges";
import { NODE_WIDTH, outKinds, portPoint, type Rect } from "./geometry";
import { spotOf, standsUnder } from "./labels";
import { endsOf, shownOf } from "./shown";

export interface EdgePath {
  readonly d: string;
  /** Where the label stands. */
  readonly middle: Point;
  readonly points: readonly Point[];
  /** Drawn below the row, because the target does not lie to the right. */
  readonly below: boolean;
}

const CLEARANCE = 36;
/** A label is 22 high: ways below lie so far apart that their labels do not touch. */
const LANE = 28;
const REACH = 28;
const RADIUS = 12;

/**
 * @param lane of ways that go level from the same node to the same node: 0 is the straight one,
 *   those before it pass over it and those after it under it; of ways below: how many lie over it
 * @param floor the lowest point a way below has to pass under; of a way to the right the height at
 *   which it passes between the steps that lie in its way
 */
export function edgePath(source: Point, target: Point, lane = 0, floor = -Infinity): EdgePath {
  if (target[0] - source[0] < 2 * RADIUS) return loop(source, target, lane, floor);
  return floor === -Infinity
    ? curve(source, target, lane)
    : bent(source, target, Math.min(REACH, (target[0] - source[0]) / 3), floor, false);
}

function curve([sx, sy]: Point, [tx, ty]: Point, lane: number): EdgePath {
  const reach = Math.max(32, (tx - sx) / 2);
  // Ways of a narrow gap would sag like ropes.
  const sag = lane * Math.min(44, (tx - sx) * 0.3);
  const a: Point = [sx + reach, sy + sag];
  const b: Point = [tx - reach, ty + sag];
  const at = (t: number): Point => [cubic(sx, a[0], b[0], tx, t), cubic(sy, a[1], b[1], ty, t)];
  return {
    d: `M${sx},${sy} C${a[0]},${a[1]} ${b[0]},${b[1]} ${tx},${ty}`,
    middle: at(0.5),
    points: [0, 1, 2, 3, 4, 5, 6, 7, 8].map((part) => at(part / 8)),
    below: false,
  };
}

function cubic(p: number, q: number, r: number, s: number, t: number): number {
  const u = 1 - t;
  return u * u * u * p + 3 * u * u * t * q + 3 * u * t * t * r + t * t * t * s;
}

function loop(source: Point, target: Point, lane: number, floor: number): EdgePath {
  const aside = REACH + lane * 6;
  const bottom = Math.max(source[1], target[1], floor) + CLEARANCE + lane * LANE;
  return bent(source, target, aside, bottom, true);
}

/** Out of the source, level at that height, and so far before the target up or down to it. */
function bent(source: Point, target: Point, aside: number, y: number, below: boolean): EdgePath {
  const right = source[0] + aside;
  const left = target[0] - aside;
  const points: Point[] = [
    source,
    [right, source[1]],
    [right, y],
    [left, y],
    [left, target[1]],
    target,
  ];
  return { d: rounded(points), middle: [(left + right) / 2, y], points, below };
}

function rounded(points: readonly Point[]): string {
  const parts = points.map(([x, y], index) => {
    const before = points[index - 1];
    const after = points[index + 1];
    if (!before) return `M${x},${y}`;
    if (!after) return `L${x},${y}`;
    const [ax, ay] = towards([x, y], before);
    const [bx, by] = towards([x, y], after);
    return `L${ax},${ay} Q${x},${y} ${bx},${by}`;
  });
  return parts.join(" ");
}

function towards([x, y]: Point, [tx, ty]: Point): Point {
  const length = Math.hypot(tx - x, ty - y) || 1;
  const step = Math.min(RADIUS, length / 2) / length;
  return [x + (tx - x) * step, y + (ty - y) * step];
}

export interface Way {
  readonly lane: number;
  readonly floor: number;
  /** Its label, where it finds no room on the way, stands under the steps instead of over them. */
  readonly under: boolean;
}

type Boxes = ReadonlyMap<string, Rect>;
type Edges = readonly EdgeSpec[];

const ways = new WeakMap<Boxes, { edges: Edges; ways: ReadonlyMap<string, Way> }>();

/**
 * For each edge its lane and, when it runs below or steps lie in its way, at which height it passes
 * them. Level parts of two ways never lie on each other: the shorter way is nearer to the steps.
 */
export function edgeWays(document: GraphDocument): ReadonlyMap<string, Way> {
  const { edges } = document;
  const { boxes } = shownOf(document);
  const known = ways.get(boxes);
  if (known?.edges === edges) return known.ways;
  const lanes = lanesOf(document);
  const result = new Map<string, Way>();
  const lines: Rect[] = [];
  const long: [width: number, edge: EdgeSpec, source: Rect, target: Rect][] = [];
  for (const edge of edges) {
    const ends = endsOf(document, edge);
    const source = boxes.get(ends?.from ?? "");
    const target = boxes.get(ends?.to ?? "");
    if (!source || !target) continue;
    const gap = target.x - source.x - source.width;
    if (gap < 2 * RADIUS || gap > NODE_WIDTH) long.push([Math.abs(gap), edge, source, target]);
    const lane = lanes.get(edge.id) ?? 0;
    const under = isUnder(document, edge, lane, lines);
    result.set(edge.id, { lane, floor: -Infinity, under });
  }
  for (const [, edge, source, target] of long.sort((a, b) => a[0] - b[0])) {
    const way = result.get(edge.id) ?? STRAIGHT;
    result.set(edge.id, passing(document, edge, way, source, target, lines));
  }
  ways.set(boxes, { edges, ways: result });
  return result;
}

/** The way of most edges: to the right, alone. */
export const STRAIGHT: Way = { lane: 0, floor: -Infinity, under: false };
const laneCache = new WeakMap<Edges, ReadonlyMap<string, number>>();

/** The lanes of edges between the same two boxes, in the order of their ports; 0 is left out. */
function lanesOf(document: GraphDocument): ReadonlyMap<string, number> {
  const plain = shownOf(document).stands.size === 0;
  const known = plain ? laneCache.get(document.edges) : undefined;
  if (known) return known;
  const pairs = new Map<string, EdgeSpec[]>();
  for (const edge of document.edges) {
    const ends = endsOf(document, edge);
    if (!ends) continue;
    const pair = `${ends.from}\n${ends.to}`;
    const others = pairs.get(pair);
    if (others) others.push(edge);
    else pairs.set(pair, [edge]);
  }
  const lanes = new Map<string, number>();
  const kinds = outKinds(document.edges);
  const port = (edge: EdgeSpec) => kinds.get(edge.from)?.indexOf(kindOf(edge)) ?? -1;
  for (const pair of pairs.values()) {
    const middle = (pair.length - 1) >> 1;
    if (pair.length > 1) pair.sort((a, b) => port(a) - port(b));
    for (const [at, edge] of pair.entries()) if (at !== middle) lanes.set(edge.id, at - middle);
  }
  if (plain) laneCache.set(document.edges, lanes);
  return lanes;
}

/** A way below that still crosses something after so many is drawn across it. */
const MOST_DETOURS = 60;
/** Half the space between two steps that lie over each other as the layout puts them. */
const BESIDE = 20;
/** So far up and down a long way looks for room. */
const FARTHEST = 400;

/**
 * A way with the height at which it passes what lies in its way: a way below goes down until it
 * passes under every box in its columns, a long way to the right takes the nearest gap between them.
 * @param lines the level parts of shorter ways; its own is added to them
 */
function passing(
  document: GraphDocument,
  edge: EdgeSpec,
  way: Way,
  source: Rect,
  target: Rect,
  lines: Rect[],
): Way {
  const { boxes } = shownOf(document);
  const index = indexOf(document);
  const within = (x: number, y: number, width: number, reach: number) =>
    index
      .within({ x, y: y - reach, width, height: 2 * reach })
      .flatMap((id) => boxes.get(id) ?? []);
  const isFree = ({ x, y, width }: Rect) =>
    lines.every(
      (line) => Math.abs(line.y - y) >= LANE - 8 || line.x > x + width || x > line.x + line.width,
    );
  const end = source.x + source.width;
  if (target.x - end < 2 * RADIUS) {
    const x = target.x - REACH;
    const line = { x, y: 0, width: end + REACH - x, height: 0 };
    let [floor, lane] = [Math.max(source.y + source.height, target.y + target.height), 0];
    for (let tries = 0; tries < MOST_DETOURS; tries += 1) {
      line.y = floor + CLEARANCE + lane * LANE;
      const met = within(x, line.y, line.width, 8);
      if (met.length) [floor, lane] = [Math.max(...met.map((box) => box.y + box.height)), 0];
      else if (isFree(line)) break;
      else lane += 1;
    }
    lines.push(line);
    return { ...way, floor, lane };
  }
  const path = pathBy(document, edge, way);
  if (!path) return way;
  const [, middle] = path.middle;
  const between = within(end + 8, middle, target.x - end - 16, FARTHEST);
  const covers = (box: Rect, y: number, reach: number) =>
    y > box.y - reach && y < box.y + box.height + reach;
  const isHit = path.points
    .slice(1, -1)
    .some(([x, y]) => between.some((b) => x > b.x - 8 && x < b.x + b.width + 8 && covers(b, y, 8)));
  if (!isHit) return way;
  const x = end + REACH;
  const width = target.x - REACH - x;
  const line = between
    .flatMap((box) => [box.y - BESIDE, box.y + box.height + BESIDE])
    .sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle))
    .map((y) => ({ x, y, width, height: 0 }))
    .find((each) => !between.some((box) => covers(box, each.y, 12)) && isFree(each));
  if (!line) return way;
  lines.push(line);
  return { ...way, lane: 0, floor: line.y };
}

/** The path of one edge of a document at rest; null when an end is missing, or both are in one box. */
export function pathOf(document: GraphDocument, edge: EdgeSpec): EdgePath | null {
  return pathBy(document, edge, edgeWays(document).get(edge.id) ?? STRAIGHT);
}

/** Whether its label stands under the steps. One that stands over or under them is like a level part. */
function isUnder(document: GraphDocument, edge: EdgeSpec, lane: number, lines: Rect[]): boolean {
  const text = edge.else ? "else" : (edge.when ?? "");
  const path = text ? pathBy(document, edge, { ...STRAIGHT, lane }) : null;
  if (!path) return false;
  const index = indexOf(document);
  const under = standsUnder(path, text, (area) => index.within(area).length > 0);
  const { at, lift } = spotOf(path, text, under);
  if (lift) lines.push({ x: at[0], y: at[1], width: 0, height: 0 });
  return under;
}

function pathBy(document: GraphDocument, edge: EdgeSpec, way: Way): EdgePath | null {
  const { boxes, geometry } = shownOf(document);
  const ends = endsOf(document, edge);
  if (!ends) return null;
  const [source, from] = [boxes.get(ends.from), geometry.get(ends.from)];
  const [target, to] = [boxes.get(ends.to), geometry.get(ends.to)];
  if (!source || !from || !target || !to) return null;
  return edgePath(
    portPoint(source, from, kindOf(edge)),
    portPoint(target, to, "in"),
    way.lane,
    way.floor,
  );
}
