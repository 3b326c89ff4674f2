/** The view from far away: thousands of nodes as rectangles on one canvas element. */
import { useStoreApi } from "@xyflow/react";
import { type ReactElement, useEffect, useRef } from "react";
import { indexOf } from "../model/boxes";
import type { GraphDocument } from "../model/document";
import { kindOf } from "../model/edges";
import { type NodeGeometry, portPoint, type Rect } from "../model/geometry";
import { frameOf, groupName, groupsOf } from "../model/groups";
import type { NodeStatus } from "../model/runstate";
import { endsOf, groupOfMark, nodesBehind, shownOf } from "../model/shown";
import type { RunStates, StateBoard } from "./board";
import { CHANGE_SIGN } from "./changeSigns";
import type { Change, Marks } from "./elements";
import { type Colour, readPalette, watchTheme } from "./palette";

interface Props {
  readonly document: GraphDocument;
  readonly selected: ReadonlySet<string>;
  readonly focus: string | null;
  readonly faulty: ReadonlyMap<string, { readonly errors: number }>;
  readonly changes: Marks["changes"];
  readonly board: StateBoard;
}

export function FarView(props: Props): ReactElement {
  const ref = useRef<HTMLCanvasElement>(null);
  const latest = useRef(props);
  const draw = useRef<() => void>(() => undefined);
  const store = useStoreApi();
  const { board } = props;

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
    const stopBoard = board.watch(() => draw.current());
    paint();
    return () => {
      stopBoard();
      stopStore();
      stopTheme();
      cancelAnimationFrame(frame);
    };
  }, [store, board]);

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
  paintFrames(context, props.document, colours, zoom, seen);
  paintEdges(context, props, colours, zoom, seen);
  paintNodes(context, props, colours, zoom, seen);
}

function paintFrames(
  context: CanvasRenderingContext2D,
  document: GraphDocument,
  colours: Record<Colour, string>,
  zoom: number,
  seen: Rect,
): void {
  for (const group of groupsOf(document).values()) {
    const frame = group.collapsed ? null : frameOf(document, group.nodes);
    if (!frame || misses(frame, frame, seen)) continue;
    context.fillStyle = colours.sunken;
    context.fillRect(frame.x, frame.y, frame.width, frame.height);
    context.lineWidth = Math.max(1, 1 / zoom);
    context.strokeStyle = colours.border;
    context.strokeRect(frame.x, frame.y, frame.width, frame.height);
  }
}

function paintEdges(
  context: CanvasRenderingContext2D,
  { document, board }: Props,
  colours: Record<Colour, string>,
  zoom: number,
  seen: Rect,
): void {
  const { boxes, geometry } = shownOf(document);
  const { states } = board;
  const strokes = new Map<Colour, Path2D>();
  for (const edge of document.edges) {
    const ends = endsOf(document, edge);
    if (!ends) continue;
    const [source, target] = [boxes.get(ends.from), boxes.get(ends.to)];
    const [from, to] = [geometry.get(ends.from), geometry.get(ends.to)];
    if (!source || !target || !from || !to || misses(source, target, seen)) continue;
    const kind = kindOf(edge);
    const colour: Colour = states?.edge(edge.id).taken
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

const CHANGE_COLOUR: Readonly<Record<Change, Colour>> = {
  added: "ok",
  removed: "error",
  changed: "warn",
};

const STRIP = 14;
/** Pixels of the screen. */
const SIGN = 16;
const READABLE = 0.24;

function paintNodes(
  context: CanvasRenderingContext2D,
  props: Props,
  colours: Record<Colour, string>,
  zoom: number,
  seen: Rect,
): void {
  const { document, selected, focus, faulty, changes, board } = props;
  const { boxes } = shownOf(document);
  const thin = Math.max(1.5, 1 / zoom);
  const names = zoom >= READABLE;
  context.font = `600 ${Math.round(11 / zoom)}px ${FONT}`;
  context.textBaseline = "middle";
  for (const id of indexOf(document).within(seen)) {
    const box = boxes.get(id);
    if (!box) continue;
    const behind = nodesBehind(document, id);
    const change = changes?.nodes.get(id);
    const strip = change ? CHANGE_COLOUR[change] : stripOf(behind, board.states, faulty);
    // A sign has to fit in, so that a change is not told by its colour alone.
    const side = change ? Math.min(SIGN / zoom, box.width / 3) : STRIP;
    const chosen = behind.every((node) => selected.has(node)) || focus === id;
    context.fillStyle = colours.surface;
    context.fillRect(box.x, box.y, box.width, box.height);
    context.fillStyle = colours[strip];
    context.fillRect(box.x, box.y, side, box.height);
    if (change) {
      context.fillStyle = colours.surface;
      context.fillText(CHANGE_SIGN[change], box.x + side * 0.3, box.y + box.height / 2);
    }
    context.lineWidth = chosen ? Math.max(3, 2.5 / zoom) : thin;
    context.strokeStyle = colours[chosen ? "accent" : change ? strip : "border"];
    context.setLineDash(change === "removed" ? [6 / zoom, 4 / zoom] : []);
    context.strokeRect(box.x, box.y, box.width, box.height);
    context.setLineDash([]);
    if (!names) continue;
    context.fillStyle = colours.text;
    const group = groupsOf(document).get(groupOfMark(id) ?? "");
    const title = group ? groupName(group) : document.nodes[id]?.title || id;
    context.fillText(cut(title, zoom), box.x + side + 10, box.y + box.height / 2);
  }
}

/** The colour of a box's side: of its node, or of the one of its group that wants most to be seen. */
function stripOf(
  nodes: readonly string[],
  states: RunStates | null,
  faulty: Props["faulty"],
): Colour {
  if (!states) return nodes.some((node) => faulty.get(node)?.errors) ? "error" : "border";
  const all = nodes.map((node) => states.node(node).status);
  const status = all.find((each) => each === "error" || each === "running") ?? all[0];
  return status ? STATUS_COLOUR[status] : "border";
}

const FONT = "system-ui, sans-serif";

/** Names are drawn at 11 px of the screen, so fewer letters fit the farther the view. */
function cut(title: string, zoom: number): string {
  const fits = Math.floor((176 * zoom) / 6.2);
  return title.length > fits ? `${title.slice(0, Math.max(1, fits - 1))}…` : title;
}
