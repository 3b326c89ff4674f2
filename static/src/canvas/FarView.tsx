/** The view from far away: thousands of nodes as rectangles on one canvas element. */
import { useStoreApi } from "@xyflow/react";
import { type ReactElement, useEffect, useRef } from "react";
import { indexOf } from "../model/boxes";
import type { GraphDocument } from "../model/document";
import { kindOf } from "../model/edges";
import { type NodeGeometry, portPoint, type Rect, sceneOf } from "../model/geometry";
import type { EdgeState, NodeState, NodeStatus } from "../model/runstate";
import { type Colour, readPalette, watchTheme } from "./palette";

interface Props {
  readonly document: GraphDocument;
  readonly selected: ReadonlySet<string>;
  readonly focus: string | null;
  readonly faulty: ReadonlyMap<string, { readonly errors: number }>;
  readonly nodeStates: Readonly<Record<string, NodeState>> | null;
  readonly edgeStates: Readonly<Record<string, EdgeState>> | null;
}

export function FarView(props: Props): ReactElement {
  const ref = useRef<HTMLCanvasElement>(null);
  const latest = useRef(props);
  const draw = useRef<() => void>(() => undefined);
  const store = useStoreApi();

  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    let colours = readPalette(canvas);
    let frame = 0;
    const paint = () => {
      frame = 0;
      const { transform, width, height } = store.getState();
      size(canvas, width, height);
      paintScene(context, latest.current, colours, transform, width, height);
    };
    draw.current = () => {
      frame ||= requestAnimationFrame(paint);
    };
    const stopTheme = watchTheme(() => {
      colours = readPalette(canvas);
      draw.current();
    });
    const stopStore = store.subscribe((now, before) => {
      if (now.transform !== before.transform || now.width !== before.width) draw.current();
      else if (now.height !== before.height) draw.current();
    });
    paint();
    return () => {
      stopStore();
      stopTheme();
      cancelAnimationFrame(frame);
    };
  }, [store]);

  useEffect(() => {
    latest.current = props;
    draw.current();
  });

  return <canvas ref={ref} className="far-view" />;
}

function size(canvas: HTMLCanvasElement, width: number, height: number): void {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
}

type Transform = readonly [x: number, y: number, zoom: number];

function paintScene(
  context: CanvasRenderingContext2D,
  props: Props,
  colours: Record<Colour, string>,
  [x, y, zoom]: Transform,
  width: number,
  height: number,
): void {
  const ratio = window.devicePixelRatio || 1;
  const seen: Rect = { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width * ratio, height * ratio);
  context.setTransform(zoom * ratio, 0, 0, zoom * ratio, x * ratio, y * ratio);
  paintEdges(context, props, colours, zoom, seen);
  paintNodes(context, props, colours, zoom, seen);
}

function paintEdges(
  context: CanvasRenderingContext2D,
  { document, edgeStates }: Props,
  colours: Record<Colour, string>,
  zoom: number,
  seen: Rect,
): void {
  const { boxes, geometry } = sceneOf(document);
  const strokes = new Map<Colour, Path2D>();
  for (const edge of document.edges) {
    const [source, target] = [boxes.get(edge.from), boxes.get(edge.to)];
    const [from, to] = [geometry.get(edge.from), geometry.get(edge.to)];
    if (!source || !target || !from || !to || misses(source, target, seen)) continue;
    const kind = kindOf(edge);
    const colour: Colour = edgeStates?.[edge.id]?.taken
      ? "running"
      : kind === "error"
        ? "error"
        : edge.when !== undefined || edge.else
          ? "condition"
          : "border";
    const path = strokes.get(colour) ?? new Path2D();
    strokes.set(colour, path);
    line(path, source, from, kind, target, to);
  }
  for (const [colour, path] of strokes) {
    context.strokeStyle = colours[colour];
    context.globalAlpha = colour === "running" ? 1 : 0.6;
    context.lineWidth = Math.max(colour === "running" ? 3 : 1.5, 1 / zoom);
    context.stroke(path);
  }
  context.globalAlpha = 1;
}

function line(
  path: Path2D,
  source: Rect,
  from: NodeGeometry,
  kind: string,
  target: Rect,
  to: NodeGeometry,
): void {
  const [sx, sy] = portPoint(source, from, kind);
  const [tx, ty] = portPoint(target, to, "in");
  path.moveTo(sx, sy);
  if (tx > sx) path.lineTo(tx, ty);
  else {
    const bottom = Math.max(source.y + source.height, target.y + target.height) + 28;
    path.lineTo(sx + 20, bottom);
    path.lineTo(tx - 20, bottom);
    path.lineTo(tx, ty);
  }
}

function misses(a: Rect, b: Rect, seen: Rect): boolean {
  return (
    Math.max(a.x + a.width, b.x + b.width) < seen.x ||
    Math.min(a.x, b.x) > seen.x + seen.width ||
    Math.max(a.y + a.height, b.y + b.height) < seen.y - 60 ||
    Math.min(a.y, b.y) > seen.y + seen.height
  );
}

const STATUS_COLOUR: Readonly<Record<NodeStatus, Colour>> = {
  idle: "border",
  queued: "running",
  running: "running",
  ok: "ok",
  error: "error",
  waiting: "waiting",
  skipped: "skipped",
  cancelled: "skipped",
};

const STRIP = 14;
const READABLE = 0.24;

function paintNodes(
  context: CanvasRenderingContext2D,
  props: Props,
  colours: Record<Colour, string>,
  zoom: number,
  seen: Rect,
): void {
  const { document, selected, focus, faulty, nodeStates } = props;
  const { boxes } = sceneOf(document);
  const thin = Math.max(1.5, 1 / zoom);
  const names = zoom >= READABLE;
  context.font = `600 ${Math.round(11 / zoom)}px ${FONT}`;
  context.textBaseline = "middle";
  for (const id of indexOf(document).within(seen)) {
    const box = boxes.get(id);
    if (!box) continue;
    const state = nodeStates?.[id];
    const strip = state ? STATUS_COLOUR[state.status] : faulty.get(id)?.errors ? "error" : "border";
    const chosen = selected.has(id) || focus === id;
    context.fillStyle = colours.surface;
    context.fillRect(box.x, box.y, box.width, box.height);
    context.fillStyle = colours[strip];
    context.fillRect(box.x, box.y, STRIP, box.height);
    context.lineWidth = chosen ? Math.max(3, 2.5 / zoom) : thin;
    context.strokeStyle = chosen ? colours.accent : colours.border;
    context.strokeRect(box.x, box.y, box.width, box.height);
    if (!names) continue;
    context.fillStyle = colours.text;
    const title = document.nodes[id]?.title || id;
    context.fillText(cut(title, zoom), box.x + STRIP + 10, box.y + box.height / 2);
  }
}

const FONT = "system-ui, sans-serif";

/** Names are drawn at 11 px of the screen, so fewer letters fit the farther the view. */
function cut(title: string, zoom: number): string {
  const fits = Math.floor((176 * zoom) / 6.2);
  return title.length > fits ? `${title.slice(0, Math.max(1, fits - 1))}…` : title;
}
