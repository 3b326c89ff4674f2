import type { Colour } from "../canvas/palette";
import type { NodeStatus } from "../model/runstate";
import { inLayers, LEAST, type Scale, type Span, spanOf, THICK, topOf } from "./bars";
import type { Bar } from "./lanes";

/** What the bars are painted with; `ok` is softer than the colour of that name. */
export type Inks = Readonly<Record<Colour, string>>;

const INK: Partial<Record<NodeStatus, Colour>> = {
  ok: "ok",
  error: "error",
  running: "running",
  waiting: "waiting",
  queued: "waiting",
};

const DIMMED = 0.4;
const CORNER = 2;

export interface Scene {
  readonly bars: readonly Bar[];
  readonly scale: Scale;
  /** The node whose bars stand out; null for all. */
  readonly selected: string | null;
  readonly hovered: Bar | null;
}

/** Paint what lies in a part of the line, with so many dots to a pixel. */
export function paintBars(
  context: CanvasRenderingContext2D,
  { bars, scale, selected, hovered }: Scene,
  part: Span,
  ratio: number,
  inks: Inks,
): void {
  const from = Math.floor(part.left * ratio) - 1;
  const to = Math.ceil(part.right * ratio) + 1;
  const area = [from, 0, to - from, context.canvas.height] as const;
  context.save();
  context.beginPath();
  context.rect(...area);
  context.clip();
  context.clearRect(...area);
  const ms = scale.length / scale.width;
  const [first, last] = [(part.left - LEAST - 1) * ms, (part.right + 1) * ms];
  for (const bar of inLayers(bars)) {
    if (Math.min(bar.from, scale.length - 1) > last || (bar.to ?? last) < first) continue;
    const [x, y, width, height] = boxOf(bar, scale, ratio);
    context.globalAlpha =
      selected === null || bar.node === selected || bar === hovered ? 1 : DIMMED;
    context.fillStyle = inks[INK[bar.status] ?? "skipped"];
    context.beginPath();
    context.roundRect(x, y, width, height, width > 4 * CORNER ? CORNER * ratio : 0);
    context.fill();
  }
  if (hovered) {
    const [x, y, width, height] = boxOf(hovered, scale, ratio);
    context.globalAlpha = 1;
    context.lineWidth = ratio;
    context.strokeStyle = inks.text;
    context.strokeRect(x + ratio / 2, y + ratio / 2, width - ratio, height - ratio);
  }
  context.restore();
}

/** On whole dots, so that its edges are sharp, with a gap to the next where there is room. */
function boxOf(bar: Bar, scale: Scale, ratio: number): [number, number, number, number] {
  const { left, right } = spanOf(bar, scale);
  const x = Math.round(left * ratio);
  const end = Math.round((right - (right - left > 3 ? 1 : 0)) * ratio);
  return [x, Math.round(topOf(bar) * ratio), end - x, Math.round(THICK * ratio)];
}
