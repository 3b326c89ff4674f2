/** The whole graph in a corner, on a canvas of its own. Press or drag in it to move the view. */
import { useStoreApi } from "@xyflow/react";
import { type PointerEvent, type ReactElement, useEffect, useMemo, useRef } from "react";
import type { GraphDocument, Point } from "../model/document";
import { bounds, type Rect } from "../model/geometry";
import type { NodeStatus } from "../model/runstate";
import { nodesBehind, shownOf, standFor } from "../model/shown";
import { tn } from "../words/t";
import type { RunStates, StateBoard } from "./board";
import type { Camera } from "./camera";
import { whenIdle } from "./idle";
import { type Colour, readPalette, watchTheme } from "./palette";

const WIDTH = 176;
const HEIGHT = 112;
const MARGIN = 8;
/** So many boxes are painted at once; for more the browser has to be idle. */
const FEW = 50;

interface Props {
  readonly document: GraphDocument;
  readonly board: StateBoard;
  readonly selected: ReadonlySet<string>;
  readonly camera: () => Camera | null;
}

export function Minimap({ document, board, selected, camera }: Props): ReactElement {
  const ref = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();
  const latest = useRef(selected);
  const again = useRef<() => void>(() => undefined);
  const painted = useRef(false);
  const follow = useRef<(touched: readonly string[] | null) => void>(() => undefined);
  const { boxes } = shownOf(document);
  const shown = useRef(document);
  shown.current = document;
  const scale = useMemo(() => scaleFor(boxes), [boxes]);

  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = WIDTH * ratio;
    canvas.height = HEIGHT * ratio;
    const still = canvas.ownerDocument.createElement("canvas");
    still.width = canvas.width;
    still.height = canvas.height;
    let colours = readPalette(canvas);
    let frame = 0;
    const paint = () => {
      frame = 0;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.drawImage(still, 0, 0);
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      const { transform, width, height } = store.getState();
      paintChosen(context, shown.current, latest.current, scale, colours);
      paintWindow(context, scale, colours, transform, width, height);
    };
    again.current = paint;
    // What each box was painted in: a run's next event then paints one box, not thousands.
    const inks = new Map<string, string>();
    const repaint = (touched: readonly string[] | null = null) => {
      const behind = still.getContext("2d");
      if (!behind) return;
      const which = touched?.map((id) => standFor(shown.current, id)) ?? null;
      paintBoxes(behind, ratio, shown.current, which, board.states, scale, colours, inks);
      paint();
    };
    follow.current = repaint;
    const stopTheme = watchTheme(() => {
      colours = readPalette(canvas);
      inks.clear();
      repaint();
    });
    const stopStore = store.subscribe((now, before) => {
      const same = now.transform === before.transform && now.width === before.width;
      if (!same) frame ||= requestAnimationFrame(paint);
    });
    // Thousands of boxes take milliseconds, which an edit or a run's next event must not wait for.
    const stopIdle = painted.current ? whenIdle(() => repaint()) : repaint();
    painted.current = true;
    return () => {
      stopIdle?.();
      stopTheme();
      stopStore();
      cancelAnimationFrame(frame);
    };
  }, [store, scale, board]);

  useEffect(() => {
    let stopIdle: (() => void) | null = null;
    const stop = board.watch((touched) => {
      // A few are painted along with what else the event changes, and cost no frame of their own.
      if (touched && touched.nodes.length <= FEW && !stopIdle) follow.current(touched.nodes);
      else
        stopIdle ??= whenIdle(() => {
          stopIdle = null;
          follow.current(null);
        });
    });
    return () => {
      stop();
      stopIdle?.();
    };
  }, [board]);

  useEffect(() => {
    latest.current = selected;
    again.current();
  }, [selected]);

  const go = (event: PointerEvent<HTMLCanvasElement>) => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    event.currentTarget.setPointerCapture(event.pointerId);
    camera()?.centreOn(scale.toCanvas([event.clientX - box.left, event.clientY - box.top]));
  };

  return (
    <canvas
      ref={ref}
      className="minimap"
      role="img"
      aria-label={tn(
        "Map of the graph, {count} step",
        "Map of the graph, {count} steps",
        boxes.size,
      )}
      onPointerDown={go}
      onPointerMove={go}
    />
  );
}

type Boxes = ReadonlyMap<string, Rect>;

interface Scale {
  readonly factor: number;
  readonly x: number;
  readonly y: number;
  toCanvas(point: Point): Point;
}

function scaleFor(boxes: Boxes): Scale {
  const area = bounds(boxes.values()) ?? { x: 0, y: 0, width: 1, height: 1 };
  const factor = Math.min(
    (WIDTH - 2 * MARGIN) / area.width,
    (HEIGHT - 2 * MARGIN) / area.height,
    0.12,
  );
  const x = WIDTH / 2 - (area.x + area.width / 2) * factor;
  const y = HEIGHT / 2 - (area.y + area.height / 2) * factor;
  return { factor, x, y, toCanvas: ([px, py]) => [(px - x) / factor, (py - y) / factor] };
}

const STATUS: Partial<Record<NodeStatus, Colour>> = {
  running: "running",
  ok: "ok",
  error: "error",
  waiting: "waiting",
};

function paintBoxes(
  context: CanvasRenderingContext2D,
  ratio: number,
  document: GraphDocument,
  which: readonly string[] | null,
  states: RunStates | null,
  { factor, x, y }: Scale,
  colours: Record<Colour, string>,
  inks: Map<string, string>,
): void {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (inks.size === 0) context.clearRect(0, 0, WIDTH, HEIGHT);
  let last = "";
  const { boxes } = shownOf(document);
  for (const id of which ?? boxes.keys()) {
    const box = boxes.get(id);
    if (!box) continue;
    const [node] = nodesBehind(document, id);
    const colour = colours[STATUS[states?.node(node ?? id).status ?? "idle"] ?? "border"];
    if (inks.get(id) === colour) continue;
    inks.set(id, colour);
    if (colour !== last) context.fillStyle = colour;
    last = colour;
    context.fillRect(x + box.x * factor, y + box.y * factor, ...least(box, factor));
  }
}

/** What is selected, drawn over the boxes, so that a selection paints few of them anew. */
function paintChosen(
  context: CanvasRenderingContext2D,
  document: GraphDocument,
  selected: ReadonlySet<string>,
  { factor, x, y }: Scale,
  colours: Record<Colour, string>,
): void {
  const { boxes } = shownOf(document);
  context.fillStyle = colours.accent;
  for (const id of selected) {
    const box = boxes.get(standFor(document, id));
    if (box) context.fillRect(x + box.x * factor, y + box.y * factor, ...least(box, factor));
  }
}

const least = (box: Rect, factor: number): [number, number] => [
  Math.max(2, box.width * factor),
  Math.max(1.5, box.height * factor),
];

function paintWindow(
  context: CanvasRenderingContext2D,
  { factor, x, y }: Scale,
  colours: Record<Colour, string>,
  [left, top, zoom]: readonly [number, number, number],
  width: number,
  height: number,
): void {
  context.strokeStyle = colours.accent;
  context.lineWidth = 1.5;
  context.strokeRect(
    x - (left / zoom) * factor,
    y - (top / zoom) * factor,
    (width / zoom) * factor,
    (height / zoom) * factor,
  );
}
