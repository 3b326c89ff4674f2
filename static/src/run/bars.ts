import type { Bar } from "./lanes";

/** Heights in pixels: a lane, and the space above the first. */
const LANE = 14;
const ABOVE = 3;
const MOST_LANES = 6;
export const THICK = LANE - 4;

/** A visit of a moment is still seen. */
export const LEAST = 2;
/** So far beside a bar the pointer still means it, in pixels. */
const NEAR = 3;

/** A line of time: so many milliseconds on so many pixels. */
export interface Scale {
  readonly length: number;
  readonly width: number;
}

export interface Span {
  readonly left: number;
  readonly right: number;
}

/** What the bars take; deeper lanes share the last. */
export const heightFor = (lanes: number): number =>
  Math.min(MOST_LANES, Math.max(1, lanes)) * LANE + 4;

const laneOf = (bar: Bar): number => Math.min(bar.lane, MOST_LANES - 1);

export const topOf = (bar: Bar): number => laneOf(bar) * LANE + ABOVE;

/** From where to where a bar reaches; one that goes on, to the end of the line. */
export function spanOf(bar: Bar, { length, width }: Scale): Span {
  const at = (ms: number) => Math.max(0, Math.min(1, ms / length)) * width;
  const left = Math.min(at(bar.from), Math.max(0, width - LEAST));
  return { left, right: Math.max(left + LEAST, at(bar.to ?? length)) };
}

/** Those that failed come last, on top: thousands of others would hide them. */
export function inLayers(bars: readonly Bar[]): readonly Bar[] {
  const failed = bars.filter(({ status }) => status === "error");
  return failed.length === 0
    ? bars
    : [...bars.filter(({ status }) => status !== "error"), ...failed];
}

/** The bar at a point, or beside it; of several the one on top. */
export function barAt(bars: readonly Bar[], scale: Scale, x: number, y: number): Bar | null {
  let found: Bar | null = null;
  let least = NEAR;
  for (const bar of inLayers(bars)) {
    if (laneOf(bar) !== Math.floor((y - 1) / LANE)) continue;
    const { left, right } = spanOf(bar, scale);
    const away = Math.max(left - x, x - right, 0);
    if (away <= least) [found, least] = [bar, away];
  }
  return found;
}

/** The part of the line in which two lists of bars differ; null for none. */
export function difference(
  before: readonly Bar[],
  after: readonly Bar[],
  scale: Scale,
): Span | null {
  const most = Math.max(before.length, after.length);
  let span: Span | null = null;
  for (let at = 0; at < most; at += 1) {
    if (before[at] === after[at]) continue;
    for (const bar of [before[at], after[at]]) if (bar) span = around(span, spanOf(bar, scale));
  }
  return span;
}

export const around = (one: Span | null, other: Span): Span =>
  one === null
    ? other
    : { left: Math.min(one.left, other.left), right: Math.max(one.right, other.right) };
