/** Dragging nodes, drawing wires and dropping steps, turned into calls of the editor. */
import type { NodeChange, OnConnectEnd, OnNodeDrag } from "@xyflow/react";
import { type DragEvent, type RefObject, useCallback, useMemo, useRef, useState } from "react";
import { indexOf } from "../model/boxes";
import type { GraphDocument, Point } from "../model/document";
import { fitsInto } from "../model/edges";
import { centre, type Rect, sceneOf } from "../model/geometry";
import { edgeAt } from "../model/hit";
import { nodesBehind, unfold } from "../model/shown";
import type { Camera } from "./camera";
import type { BoxElement } from "./elements";

export interface Editing {
  onMove(places: ReadonlyMap<string, Point>): void;
  /** A node that nothing is joined to was dropped on an edge. */
  onLand(id: string, at: Point, edge: string): void;
  onConnect(from: string, to: string, kind: string): void;
  /** Why a wire between the two may not be drawn; null when it may. */
  refusal(from: string, to: string, kind: string): string | null;
  /** A wire was dropped on empty canvas. */
  onDropWire(from: string, kind: string, at: Point): void;
  /** Something was dragged in from the palette; `edge` is the edge it fell on. */
  onDropStep(item: string, at: Point, edge: string | null): void;
  onInsert(edge: string): void;
  onQuickAdd(at: Point): void;
}

/** The drag data type of a palette item. */
export const STEP_MIME = "application/x-treadle-step";

/** What a drag on the empty canvas does: draws a box around nodes, or moves the paper. */
export type PointerTool = "select" | "hand";

interface Input {
  readonly view: { readonly document: GraphDocument };
  readonly editing: Editing | null;
  readonly tool?: PointerTool;
  readonly cameraRef: { current: Camera | null };
}

export function useEditing(input: Input, host: RefObject<HTMLElement | null>) {
  const latest = useRef(input);
  latest.current = input;
  const [dragged, setDragged] = useState<ReadonlyMap<string, Point> | null>(null);
  const [landing, setLanding] = useState<string | null>(null);

  const onNodesMoved = useCallback((changes: readonly NodeChange<BoxElement>[]) => {
    const places = new Map<string, Point>();
    for (const change of changes) {
      if (change.type === "position" && change.position && change.dragging) {
        places.set(change.id, [change.position.x, change.position.y]);
      }
    }
    if (places.size === 0) return;
    setDragged((old) => new Map([...(old ?? []), ...places]));
    setLanding(landingOf(latest.current.view.document, places));
  }, []);

  const onNodeDragStop = useCallback<OnNodeDrag<BoxElement>>((_, __, nodes) => {
    const places = new Map<string, Point>(
      nodes.map(({ id, position }) => [id, [position.x, position.y]]),
    );
    const { editing, view } = latest.current;
    const edge = landingOf(view.document, places);
    const [dropped] = places;
    setDragged(null);
    setLanding(null);
    if (edge && dropped) editing?.onLand(...dropped, edge);
    else editing?.onMove(unfold(view.document, places));
  }, []);

  /** A frame was let go; null: it goes back. */
  const dropFrame = useCallback((places: ReadonlyMap<string, Point> | null) => {
    setDragged(null);
    if (places) latest.current.editing?.onMove(places);
  }, []);

  const onConnectEnd = useCallback<OnConnectEnd>((event, state) => {
    const { editing, cameraRef, view } = latest.current;
    const from = state.fromNode?.id;
    if (!editing || !from || state.fromHandle?.type !== "source") return;
    const kind = state.fromHandle.id ?? "ok";
    const at = cameraRef.current?.toCanvas(pointOf(event));
    if (!at) return;
    const to = state.toNode?.id ?? indexOf(view.document).at(at);
    if (to) editing.onConnect(from, nodesBehind(view.document, to)[0] ?? to, kind);
    else editing.onDropWire(from, kind, at);
  }, []);

  const hostHandlers = useMemo(() => dropHandlers(latest, host, setLanding), [host]);
  const editable = input.editing !== null;
  const hand = !editable || input.tool === "hand";
  const flow = useMemo(
    () => ({
      onNodeDragStop,
      onConnectEnd,
      nodesDraggable: editable,
      nodesConnectable: editable,
      selectionOnDrag: !hand,
      panOnDrag: hand ? true : [1, 2],
    }),
    [editable, hand, onNodeDragStop, onConnectEnd],
  );
  const editHandlers = { host: editable ? hostHandlers : {}, flow };
  const frames = { onDrag: setDragged, onDrop: dropFrame };
  return { dragged, landing, onNodesMoved, editHandlers, frames };
}

/** With a finger one moves the paper; with a mouse one draws a box around nodes. */
export const firstTool = (): PointerTool =>
  matchMedia("(pointer: coarse)").matches ? "hand" : "select";

/** How near to a wire a step has to be dropped, in canvas units. */
const REACH = 24;

/** The edge that a single dragged node would go into. */
function landingOf(document: GraphDocument, places: ReadonlyMap<string, Point>): string | null {
  const [dropped] = places;
  if (!dropped || places.size > 1 || !fitsInto(document, dropped[0])) return null;
  const box = sceneOf(document).boxes.get(dropped[0]);
  return box ? edgeAt(document, centreAt(box, dropped[1]), REACH) : null;
}

const centreAt = (box: Rect, [x, y]: Point) => centre({ ...box, x, y });

function pointOf(event: MouseEvent | TouchEvent): Point {
  const at = "changedTouches" in event ? event.changedTouches[0] : event;
  return [at?.clientX ?? 0, at?.clientY ?? 0];
}

function dropHandlers(
  latest: { current: Input },
  host: RefObject<HTMLElement | null>,
  setLanding: (edge: string | null) => void,
) {
  const mark = (on: boolean) => host.current?.classList.toggle("canvas__host--dropping", on);
  const edgeUnder = (at: Point) => edgeAt(latest.current.view.document, at, REACH);
  return {
    onDragOver(event: DragEvent) {
      if (!event.dataTransfer.types.includes(STEP_MIME)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      mark(true);
      const at = latest.current.cameraRef.current?.toCanvas([event.clientX, event.clientY]);
      setLanding(at ? edgeUnder(at) : null);
    },
    onDragLeave() {
      mark(false);
      setLanding(null);
    },
    onDrop(event: DragEvent) {
      const item = event.dataTransfer.getData(STEP_MIME);
      const { editing, cameraRef } = latest.current;
      const at = cameraRef.current?.toCanvas([event.clientX, event.clientY]);
      mark(false);
      setLanding(null);
      if (!item || !at) return;
      event.preventDefault();
      editing?.onDropStep(item, at, edgeUnder(at));
    },
    onDoubleClick(event: { target: EventTarget; clientX: number; clientY: number }) {
      const pane = (event.target as Element).classList.contains("react-flow__pane");
      const { editing, cameraRef, view } = latest.current;
      const at = cameraRef.current?.toCanvas([event.clientX, event.clientY]);
      if (pane && at && !indexOf(view.document).at(at)) editing?.onQuickAdd(at);
    },
  };
}
