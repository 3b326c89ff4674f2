/** How much of an edge's label is shown: never so much that it covers the steps it stands between. */
import type { Point } from "./document";
import { NODE_HEIGHT, type Rect } from "./geometry";
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
/** So far over its way a label stands where the gap is too narrow: clear of what a step has on its corners. */
const OVER = CLEAR + 8;

export interface Spot {
  readonly at: Point;
  /** How far it stands over its way, to which a stem leads, or under it; 0 on the way itself. */
  readonly lift: number;
}

/**
 * Where the text of a way stands: in its middle, or over the steps that leave too narrow a gap for
 * it. A way below the row passes under every step.
 */
export function spotOf({ points, middle, below }: EdgePath, text: string, under = false): Spot {
  const [source, target] = [points[0], points.at(-1)];
  const room =
    below ||
    !source ||
    !target ||
    Math.min(text.length, LABEL_LETTERS) <= lettersAt(source, target, middle);
  if (room) return { at: middle, lift: 0 };
  const ends = [source[1], target[1]];
  const y = under ? Math.max(...ends) + OVER : Math.min(...ends) - OVER;
  return { at: [middle[0], y], lift: middle[1] - y };
}

/** Whether the label stands under its steps, because over them it would cover another step. */
export function standsUnder(
  path: EdgePath,
  text: string,
  isTaken: (area: Rect) => boolean,
): boolean {
  const covers = (under: boolean) => {
    const { at, lift } = spotOf(path, text, under);
    const width = Math.min(text.length, LABEL_LETTERS) * LETTER + 18;
    return lift !== 0 && isTaken({ x: at[0] - width / 2, y: at[1] - 11, width, height: 22 });
  };
  return covers(false) && !covers(true);
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
