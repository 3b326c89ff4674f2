/** The drawn way of an edge, as an SVG path, a middle for its label and points for hit tests. */
import { indexOf } from "./boxes";
import type { EdgeSpec, GraphDocument, Point } from "./document";
import { kindOf } from "./edges";
import { portPoint, type Rect } from "./geometry";
import { standsUnder } from "./labels";
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
const LANE = 18;
const REACH = 28;
const RADIUS = 12;

/**
 * @param lane how many edges between the same two nodes come before this one
 * @param floor the lowest point a way below has to pass under
 */
export function edgePath(source: Point, target: Point, lane = 0, floor = -Infinity): EdgePath {
  return target[0] - source[0] >= 2 * RADIUS
    ? curve(source, target, lane)
    : loop(source, target, lane, floor);
}

function curve([sx, sy]: Point, [tx, ty]: Point, lane: number): EdgePath {
  const reach = Math.max(32, (tx - sx) / 2);
  const sag = laneOffset(lane);
  const a: Point = [sx + reach, sy + sag];
  const b: Point = [tx - reach, ty + sag];
  const at = (t: number): Point => [cubic(sx, a[0], b[0], tx, t), cubic(sy, a[1], b[1], ty, t)];
  return {
    d: `M${sx},${sy} C${a[0]},${a[1]} ${b[0]},${b[1]} ${tx},${ty}`,
    middle: at(0.5),
    points: [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1].map(at),
    below: false,
  };
}

/** 0, +44, -44, +88 … : edges between the same two nodes fan out around the straight way. */
function laneOffset(lane: number): number {
  const step = Math.ceil(lane / 2) * 44;
  return lane % 2 ? step : -step;
}

function cubic(p: number, q: number, r: number, s: number, t: number): number {
  const u = 1 - t;
  return u * u * u * p + 3 * u * u * t * q + 3 * u * t * t * r + t * t * t * s;
}

function loop(source: Point, target: Point, lane: number, floor: number): EdgePath {
  const right = source[0] + REACH + lane * 6;
  const left = target[0] - REACH - lane * 6;
  const bottom = Math.max(source[1], target[1], floor) + CLEARANCE + lane * LANE;
  const points: Point[] = [
    source,
    [right, source[1]],
    [right, bottom],
    [left, bottom],
    [left, target[1]],
    target,
  ];
  return { d: rounded(points), middle: [(left + right) / 2, bottom], points, below: true };
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

/** For each edge its lane and, when it runs below, how low it must go to pass under what is there. */
export function edgeWays(document: GraphDocument): ReadonlyMap<string, Way> {
  const { edges } = document;
  const { boxes } = shownOf(document);
  const known = ways.get(boxes);
  if (known?.edges === edges) return known.ways;
  const lanes = lanesOf(document);
  const result = new Map<string, Way>();
  for (const edge of edges) {
    const ends = endsOf(document, edge);
    if (!ends) continue;
    const source = boxes.get(ends.from);
    const target = boxes.get(ends.to);
    const floor = source && target ? floorBetween(document, source, target) : -Infinity;
    const lane = lanes.get(edge.id) ?? 0;
    const under = isUnder(document, edge, lane);
    const plain = lane === 0 && floor === -Infinity && !under;
    result.set(edge.id, plain ? STRAIGHT : { lane, floor, under });
  }
  ways.set(boxes, { edges, ways: result });
  return result;
}

/** The way of most edges: to the right, alone. */
export const STRAIGHT: Way = { lane: 0, floor: -Infinity, under: false };
const laneCache = new WeakMap<Edges, ReadonlyMap<string, number>>();

/** For each edge how many between the same two boxes come before it; those without any are left out. */
function lanesOf(document: GraphDocument): ReadonlyMap<string, number> {
  const plain = shownOf(document).stands.size === 0;
  const known = plain ? laneCache.get(document.edges) : undefined;
  if (known) return known;
  const pairs = new Map<string, number>();
  const lanes = new Map<string, number>();
  for (const edge of document.edges) {
    const ends = endsOf(document, edge);
    if (!ends) continue;
    const pair = `${ends.from}\n${ends.to}`;
    const lane = pairs.get(pair) ?? 0;
    pairs.set(pair, lane + 1);
    if (lane > 0) lanes.set(edge.id, lane);
  }
  if (plain) laneCache.set(document.edges, lanes);
  return lanes;
}

/** Push a way below down until it passes under every box in its columns that it would cross. */
function floorBetween(document: GraphDocument, source: Rect, target: Rect): number {
  const right = source.x + source.width;
  if (target.x - right >= 2 * RADIUS) return -Infinity;
  const { boxes } = shownOf(document);
  const index = indexOf(document);
  const left = target.x - REACH;
  let floor = Math.max(source.y + source.height, target.y + target.height);
  for (let tries = 0; tries < MOST_DETOURS; tries += 1) {
    const line = { x: left, y: floor + CLEARANCE - 8, width: right + REACH - left, height: 16 };
    const hit = index.within(line).flatMap((id) => boxes.get(id) ?? []);
    if (hit.length === 0) break;
    floor = Math.max(...hit.map((box) => box.y + box.height));
  }
  return floor;
}

/** A way below that still crosses something after so many is drawn across it. */
const MOST_DETOURS = 60;

/** The path of one edge of a document at rest; null when an end is missing, or both are in one box. */
export function pathOf(document: GraphDocument, edge: EdgeSpec): EdgePath | null {
  return pathBy(document, edge, edgeWays(document).get(edge.id) ?? STRAIGHT);
}

function isUnder(document: GraphDocument, edge: EdgeSpec, lane: number): boolean {
  const text = edge.else ? "else" : (edge.when ?? "");
  const path = text ? pathBy(document, edge, { ...STRAIGHT, lane }) : null;
  if (!path) return false;
  const index = indexOf(document);
  return standsUnder(path, text, (area) => index.within(area).length > 0);
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
