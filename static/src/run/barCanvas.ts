import { readPalette, watchTheme } from "../canvas/palette";
import { type Inks, paintBars, type Scene } from "./barPaint";
import { around, barAt, difference, type Span, spanOf } from "./bars";
import type { Bar } from "./lanes";

/** Paper has more dots than a screen: so many in a pixel. */
const ON_PAPER = 4;

/** What is to be seen, and how its bars are told and chosen. */
export interface Wish {
  readonly bars: readonly Bar[];
  /** How long the line of time is, in milliseconds. */
  readonly length: number;
  readonly selected: string | null;
  readonly words: (bar: Bar) => string;
  readonly onBar: (bar: Bar) => void;
}

export interface BarCanvas {
  readonly show: (wish: Wish) => void;
  readonly close: () => void;
}

/**
 * The bars of the timeline on one canvas element. A run may have thousands, and an element for each
 * would be laid out whenever one comes; here an event paints the strip of time it is about.
 */
export function barCanvas(canvas: HTMLCanvasElement): BarCanvas {
  const context = canvas.getContext("2d");
  let inks = inksOf(canvas);
  let wish: Wish | null = null;
  /** What is painted now. */
  let scene: Scene | null = null;
  let [width, height, least] = [0, 0, 1];
  let told: Bar | null = null;
  let pointer: Place | null = null;

  const barUnder = (place: Place | null) =>
    wish && place && barAt(wish.bars, { length: wish.length, width }, ...place);

  const paint = () => {
    if (!wish || !context || width === 0) return;
    const { bars, length, selected } = wish;
    const ratio = Math.max(window.devicePixelRatio, least);
    if (resized(canvas, Math.round(width * ratio), Math.round(height * ratio))) scene = null;
    const before = scene;
    const same = before?.scale.length === length && before.scale.width === width;
    const scale = same ? before.scale : { length, width };
    scene = { bars, scale, selected, hovered: barUnder(pointer) };
    const part = before ? changed(before, scene) : whole(scene);
    if (part) paintBars(context, scene, part, ratio, inks);
    const { hovered } = scene;
    if (hovered === told) return;
    told = hovered;
    canvas.title = hovered ? wish.words(hovered) : "";
    canvas.toggleAttribute("data-over", hovered !== null);
  };
  const point = (place: Place | null) => {
    pointer = place;
    paint();
  };
  const print = (dots: number) => {
    least = dots;
    paint();
  };

  const stop = new AbortController();
  canvas.addEventListener("pointermove", (event) => point(placeOf(event)), stop);
  canvas.addEventListener("pointerleave", () => point(null), stop);
  canvas.addEventListener(
    "click",
    (event) => {
      const bar = barUnder(placeOf(event));
      if (bar) wish?.onBar(bar);
    },
    stop,
  );
  const on = (name: string, act: () => void) => window.addEventListener(name, act, stop);
  // A screen with more dots, or fewer.
  on("resize", paint);
  on("beforeprint", () => print(ON_PAPER));
  on("afterprint", () => print(1));
  const watch = new ResizeObserver(() => {
    [width, height] = [canvas.clientWidth, canvas.clientHeight];
    paint();
  });
  watch.observe(canvas);
  const stopTheme = watchTheme(() => {
    inks = inksOf(canvas);
    scene = null;
    paint();
  });
  return {
    show(next) {
      wish = next;
      paint();
    },
    close() {
      stop.abort();
      watch.disconnect();
      stopTheme();
    },
  };
}

/** Within the canvas, in pixels. */
type Place = readonly [x: number, y: number];

/** Read once: each time it is asked for, the page would be laid out. */
const placeOf = ({ offsetX, offsetY }: MouseEvent): Place => [offsetX, offsetY];

/** As many pixels as the screen has; other ones are blank. */
function resized(canvas: HTMLCanvasElement, width: number, height: number): boolean {
  if (canvas.width === width && canvas.height === height) return false;
  [canvas.width, canvas.height] = [width, height];
  return true;
}

const whole = ({ scale }: Scene): Span => ({ left: 0, right: scale.width });

/** Where two scenes differ; null for nowhere. */
function changed(before: Scene, after: Scene): Span | null {
  if (before.scale !== after.scale || before.selected !== after.selected) return whole(after);
  const { scale } = after;
  let part = difference(before.bars, after.bars, scale);
  if (before.hovered === after.hovered) return part;
  for (const bar of [before.hovered, after.hovered])
    if (bar) part = around(part, spanOf(bar, scale));
  return part;
}

/** The style sheet mixes the colour of what went well; it is that of the element's text. */
const inksOf = (canvas: HTMLCanvasElement): Inks => ({
  ...readPalette(canvas),
  ok: getComputedStyle(canvas).color,
});
