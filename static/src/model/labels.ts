/** How much of an edge's label is shown: never so much that it covers the steps it stands between. */
import type { Point } from "./document";
import { NODE_HEIGHT } from "./geometry";
import type { EdgePath } from "./paths";

/** So many letters of a label are shown; the rest is in its tooltip. */
export const LABEL_LETTERS = 30;

/** The width of one letter, in canvas units. */
export const LETTER = 6.6;

const FEWEST = 4;
/** What a label has beside its letters: its padding, and the ports and the arrow next to it. */
const TRIM = 52;
/** Half a step and half a label: further from a step's middle than this, a label covers nothing of it. */
const CLEAR = NODE_HEIGHT / 2 + 14;

/** How many letters fit on a way: all of them on one below the row, which passes under every step. */
export function lettersOn(path: EdgePath): number {
  const [source, target] = [path.points[0], path.points.at(-1)];
  return path.below || !source || !target ? LABEL_LETTERS : lettersAt(source, target, path.middle);
}

/** How many letters fit at `middle`, on the way from `source` to `target`. */
export function lettersAt(source: Point, target: Point, middle: Point): number {
  const aside = (end: Point) => Math.abs(middle[1] - end[1]) >= CLEAR;
  if (aside(source) && aside(target)) return LABEL_LETTERS;
  const fitting = Math.floor((target[0] - source[0] - TRIM) / LETTER);
  return Math.min(LABEL_LETTERS, Math.max(FEWEST, fitting));
}

/** A text in so many letters, the last of them an ellipsis where something is left out. */
export function cut(text: string, letters: number): string {
  return text.length > letters ? `${text.slice(0, letters - 1)}…` : text;
}
