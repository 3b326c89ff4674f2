import { t } from "../words/t";
import type { CoursePoint } from "./report";

/** The course of the score as a drawing, in the units of its box. */
export interface CourseDrawing {
  readonly width: number;
  readonly height: number;
  readonly path: string;
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly score: number;
    readonly name: string;
    readonly findings: number;
  }[];
  readonly thresholdY: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Widths of the box: text keeps its size, so a small screen needs a narrow one. */
export const WIDE = 560;
export const NARROW = 340;
const HEIGHT = 168;
const LEFT = 28;
const TOP = 26;
const BOTTOM = HEIGHT - 26;
/** The axis shows at least so many points of score. */
const LEAST_SPAN = 3;

/** Draw a course. The axis is cut to where the scores and the threshold are, so that a gain shows. */
export function drawCourse(
  course: readonly CoursePoint[],
  threshold: number,
  width = WIDE,
): CourseDrawing {
  const right = width - LEFT;
  const scores = [...course.map((point) => point.score), threshold];
  const [low, high] = spanOf(Math.min(...scores), Math.max(...scores));
  const y = (score: number) => BOTTOM - ((score - low) / (high - low)) * (BOTTOM - TOP);
  const step = course.length > 1 ? (right - LEFT - 60) / (course.length - 1) : 0;
  const points = course.map((point, index) => ({
    x: round(LEFT + 30 + (course.length > 1 ? index * step : (right - LEFT - 60) / 2)),
    y: round(y(point.score)),
    score: point.score,
    name: point.pass === 0 ? t("start") : t("pass {pass}", { pass: point.pass }),
    findings: point.findings,
  }));
  const path = points.map((point, index) => `${index ? "L" : "M"}${point.x} ${point.y}`).join("");
  return {
    width,
    height: HEIGHT,
    path,
    points,
    thresholdY: round(y(threshold)),
    bottom: BOTTOM,
    left: LEFT,
    right,
  };
}

function spanOf(least: number, most: number): readonly [low: number, high: number] {
  const middle = (least + most) / 2;
  const half = Math.max(LEAST_SPAN, most - least) / 2;
  const low = Math.max(0, Math.min(middle - half, 10 - 2 * half));
  return [low, Math.min(10, low + 2 * half)];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
