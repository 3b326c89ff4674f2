/** Moving the view: what the buttons, the keys and the minimap use. */
import type { ReactFlowInstance, Viewport } from "@xyflow/react";
import { flushSync } from "react-dom";
import type { GraphDocument, Point } from "../model/document";
import { bounds, type Rect } from "../model/geometry";
import { shownOf, standFor } from "../model/shown";
import type { BoxElement, WireElement } from "./elements";

export const MIN_ZOOM = 0.04;
export const MAX_ZOOM = 2;
/** Below this zoom, with more nodes than that, the graph is painted instead of laid out. */
export const FAR_ZOOM = 0.45;
export const FAR_COUNT = 150;
const PADDING = 48;
const MOTION = 150;

/** The view that shows `area` whole in `width` × `height` pixels, never larger than life. */
export function viewportFor(area: Rect | null, width: number, height: number): Viewport {
  if (!area || width === 0 || height === 0) return { x: width / 3, y: height / 3, zoom: 1 };
  const zoom = Math.min(
    1,
    Math.max(MIN_ZOOM, (width - 2 * PADDING) / area.width),
    Math.max(MIN_ZOOM, (height - 2 * PADDING) / area.height),
  );
  return {
    x: width / 2 - (area.x + area.width / 2) * zoom,
    y: height / 2 - (area.y + area.height / 2) * zoom,
    zoom,
  };
}

/** Steps can be read down to this zoom. */
const READABLE_ZOOM = 0.6;

/**
 * The first view of a graph: all of it where that can be read or where it is too large anyway,
 * else its beginning.
 */
export function firstViewport(document: GraphDocument, width: number, height: number): Viewport {
  const { boxes } = shownOf(document);
  const entry = boxes.get(standFor(document, document.entry[0] ?? ""));
  const whole = viewportFor(bounds(boxes.values()), width, height);
  if (!entry || whole.zoom >= READABLE_ZOOM || boxes.size > 60) return whole;
  const zoom = READABLE_ZOOM + 0.15;
  return { x: PADDING - entry.x * zoom, y: height / 2 - (entry.y + entry.height / 2) * zoom, zoom };
}

export class Camera {
  readonly #flow: ReactFlowInstance<BoxElement, WireElement>;
  readonly #host: HTMLElement;
  #frame = 0;
  /** Where a glide leads to while it is under way. */
  #goal: Viewport | null = null;
  readonly #setLeaving: ((leaving: boolean) => void) | null;

  /** @param setLeaving for graphs with a far view: empties the near one before it is left */
  constructor(
    flow: ReactFlowInstance<BoxElement, WireElement>,
    host: HTMLElement,
    setLeaving: ((leaving: boolean) => void) | null = null,
  ) {
    this.#flow = flow;
    this.#host = host;
    this.#setLeaving = setLeaving;
  }

  get zoom(): number {
    return this.#goal?.zoom ?? this.#flow.getZoom();
  }

  fit(area: Rect | null): void {
    const { width, height } = this.#host.getBoundingClientRect();
    this.#go(viewportFor(area, width, height));
  }

  /** The view in which this graph is opened. */
  begin(document: GraphDocument): void {
    const { width, height } = this.#host.getBoundingClientRect();
    this.#go(firstViewport(document, width, height));
  }

  zoomTo(zoom: number): void {
    this.#zoomAround(Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom)));
  }

  zoomBy(factor: number): void {
    this.zoomTo(this.zoom * factor);
  }

  /** Bring a box into view with as little movement as possible; leaves the far view to do so. */
  reveal(box: Rect, leastZoom = 0): void {
    const view = this.#goal ?? this.#flow.getViewport();
    const zoom = Math.max(view.zoom, leastZoom);
    const { width, height } = this.#host.getBoundingClientRect();
    const [left, top] = [box.x * zoom + view.x, box.y * zoom + view.y];
    const inside =
      zoom === view.zoom &&
      left >= PADDING &&
      top >= PADDING &&
      left + box.width * zoom <= width - PADDING &&
      top + box.height * zoom <= height - PADDING;
    if (inside) return;
    const [x, y] = [
      width / 2 - (box.x + box.width / 2) * zoom,
      height / 2 - (box.y + box.height / 2) * zoom,
    ];
    // At once: the element has to be there before it can take the keyboard.
    this.#jump({ x, y, zoom });
  }

  centreOn([x, y]: Point): void {
    const { width, height } = this.#host.getBoundingClientRect();
    const { zoom } = this;
    this.#jump({ x: width / 2 - x * zoom, y: height / 2 - y * zoom, zoom });
  }

  /** Move what is seen by so many pixels. */
  shift(x: number, y: number): void {
    const view = this.#goal ?? this.#flow.getViewport();
    if (x || y) this.#jump({ ...view, x: view.x + x, y: view.y + y });
  }

  /** The middle of what is seen, in canvas coordinates. */
  centre(): Point {
    const { left, top, width, height } = this.#host.getBoundingClientRect();
    return this.toCanvas([left + width / 2, top + height / 2]);
  }

  toCanvas([x, y]: Point): Point {
    const at = this.#flow.screenToFlowPosition({ x, y }, { snapToGrid: false });
    return [at.x, at.y];
  }

  /** Pixels from the upper left corner of the canvas element. */
  toHost([x, y]: Point): Point {
    const view = this.#flow.getViewport();
    return [x * view.zoom + view.x, y * view.zoom + view.y];
  }

  #zoomAround(zoom: number): void {
    this.#go(this.#zoomed(zoom));
  }

  /** The view with another zoom around the middle of the canvas. */
  #zoomed(zoom: number): Viewport {
    const { width, height } = this.#host.getBoundingClientRect();
    const view = this.#goal ?? this.#flow.getViewport();
    const factor = zoom / view.zoom;
    const x = width / 2 - (width / 2 - view.x) * factor;
    const y = height / 2 - (height / 2 - view.y) * factor;
    return { x, y, zoom };
  }

  #go(view: Viewport): void {
    const setLeaving = this.#setLeaving;
    if (setLeaving && view.zoom < FAR_ZOOM && this.zoom >= FAR_ZOOM) {
      // Otherwise every node would be laid out once, at the new zoom, before the far view is on.
      flushSync(() => setLeaving(true));
      this.#jump(view);
      setLeaving(false);
      return;
    }
    const still = setLeaving !== null || matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (still) this.#jump(view);
    else this.#glide(this.#flow.getViewport(), view, performance.now());
  }

  #jump(view: Viewport): void {
    cancelAnimationFrame(this.#frame);
    this.#goal = null;
    this.#flow.setViewport(view);
  }

  /** One frame of the way to another view; a newer way takes over. */
  #glide(from: Viewport, to: Viewport, since: number): void {
    cancelAnimationFrame(this.#frame);
    this.#goal = to;
    const done = Math.min(1, (performance.now() - since) / MOTION);
    const part = 1 - (1 - done) ** 3;
    const between = (a: number, b: number) => a + (b - a) * part;
    this.#flow.setViewport({
      x: between(from.x, to.x),
      y: between(from.y, to.y),
      zoom: between(from.zoom, to.zoom),
    });
    if (done === 1) this.#goal = null;
    else this.#frame = requestAnimationFrame(() => this.#glide(from, to, since));
  }
}
