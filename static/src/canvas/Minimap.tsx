/** The whole graph in a corner, on a canvas of its own. Press or drag in it to move the view. */
import { useStoreApi } from "@xyflow/react";
import { type PointerEvent, type ReactElement, useEffect, useMemo, useRef } from "react";
import type { GraphDocument, Point } from "../model/document";
import { bounds, type Rect, sceneOf } from "../model/geometry";
import type { NodeState, NodeStatus } from "../model/runstate";
import type { Camera } from "./camera";
import { type Colour, readPalette, watchTheme } from "./palette";

const WIDTH = 176;
const HEIGHT = 112;
const MARGIN = 8;

interface Props {
  readonly document: GraphDocument;
  readonly nodeStates: Readonly<Record<string, NodeState>> | null;
  readonly selected: ReadonlySet<string>;
  readonly camera: () => Camera | null;
}

export function Minimap({ document, nodeStates, selected, camera }: Props): ReactElement {
  const ref = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();
  const latest = useRef(selected);
  const again = useRef<() => void>(() => undefined);
  const scale = useMemo(() => scaleFor(document), [document]);

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
      paintChosen(context, document, latest.current, scale, colours);
      paintWindow(context, scale, colours, transform, width, height);
    };
    again.current = paint;
    const repaint = () => {
      const behind = still.getContext("2d");
      if (behind) paintBoxes(behind, ratio, document, nodeStates, scale, colours);
      paint();
    };
    const stopTheme = watchTheme(() => {
      colours = readPalette(canvas);
      repaint();
    });
    const stopStore = store.subscribe((now, before) => {
      const same = now.transform === before.transform && now.width === before.width;
      if (!same) frame ||= requestAnimationFrame(paint);
    });
    repaint();
    return () => {
      stopTheme();
      stopStore();
      cancelAnimationFrame(frame);
    };
  }, [store, document, nodeStates, scale]);

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
      aria-label={`Map of the graph, ${Object.keys(document.nodes).length} steps`}
      onPointerDown={go}
      onPointerMove={go}
    />
  );
}

interface Scale {
  readonly factor: number;
  readonly x: number;
  readonly y: number;
  toCanvas(point: Point): Point;
}

function scaleFor(document: GraphDocument): Scale {
  const area = bounds(sceneOf(document).boxes.values()) ?? { x: 0, y: 0, width: 1, height: 1 };
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
  nodeStates: Props["nodeStates"],
  { factor, x, y }: Scale,
  colours: Record<Colour, string>,
): void {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, WIDTH, HEIGHT);
  for (const [id, box] of sceneOf(document).boxes) {
    const status = STATUS[nodeStates?.[id]?.status ?? "idle"];
    context.fillStyle = colours[status ?? "border"];
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
  const { boxes } = sceneOf(document);
  context.fillStyle = colours.accent;
  for (const id of selected) {
    const box = boxes.get(id);
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
