/** Dragging nodes, drawing wires and dropping steps, turned into calls of the editor. */
import type { NodeChange, OnConnectEnd, OnNodeDrag } from "@xyflow/react";
import { type DragEvent, type RefObject, useCallback, useMemo, useRef, useState } from "react";
import { indexOf } from "../model/boxes";
import type { GraphDocument, Point } from "../model/document";
import { edgeAt } from "../model/hit";
import type { Camera } from "./camera";
import type { StepElement } from "./elements";

export interface Editing {
  onMove(places: ReadonlyMap<string, Point>): void;
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

interface Input {
  readonly view: { readonly document: GraphDocument };
  readonly editing: Editing | null;
  readonly cameraRef: { current: Camera | null };
}

export function useEditing(input: Input, host: RefObject<HTMLElement | null>) {
  const latest = useRef(input);
  latest.current = input;
  const [dragged, setDragged] = useState<ReadonlyMap<string, Point> | null>(null);

  const onNodesMoved = useCallback((changes: readonly NodeChange<StepElement>[]) => {
    const places = new Map<string, Point>();
    for (const change of changes) {
      if (change.type === "position" && change.position && change.dragging) {
        places.set(change.id, [change.position.x, change.position.y]);
      }
    }
    if (places.size) setDragged((old) => new Map([...(old ?? []), ...places]));
  }, []);

  const onNodeDragStop = useCallback<OnNodeDrag<StepElement>>((_, __, nodes) => {
    const places = nodes.map(({ id, position }) => [id, [position.x, position.y]] as const);
    setDragged(null);
    latest.current.editing?.onMove(new Map<string, Point>(places));
  }, []);

  const onConnectEnd = useCallback<OnConnectEnd>((event, state) => {
    const { editing, cameraRef, view } = latest.current;
    const from = state.fromNode?.id;
    if (!editing || !from || state.fromHandle?.type !== "source") return;
    const kind = state.fromHandle.id ?? "ok";
    const at = cameraRef.current?.toCanvas(pointOf(event));
    if (!at) return;
    const to = state.toNode?.id ?? indexOf(view.document).at(at);
    if (to) editing.onConnect(from, to, kind);
    else editing.onDropWire(from, kind, at);
  }, []);

  const hostHandlers = useMemo(() => dropHandlers(latest, host), [host]);
  const editable = input.editing !== null;
  const flow = useMemo(
    () => ({
      onNodeDragStop,
      onConnectEnd,
      nodesDraggable: editable,
      nodesConnectable: editable,
      selectionOnDrag: editable && !coarse(),
      panOnDrag: editable && !coarse() ? [1, 2] : true,
    }),
    [editable, onNodeDragStop, onConnectEnd],
  );
  return { dragged, onNodesMoved, editHandlers: { host: editable ? hostHandlers : {}, flow } };
}

/** With a finger one drags the paper; with a mouse one draws a box around nodes. */
const coarse = () => matchMedia("(pointer: coarse)").matches;

function pointOf(event: MouseEvent | TouchEvent): Point {
  const at = "changedTouches" in event ? event.changedTouches[0] : event;
  return [at?.clientX ?? 0, at?.clientY ?? 0];
}

function dropHandlers(latest: { current: Input }, host: RefObject<HTMLElement | null>) {
  const mark = (on: boolean) => host.current?.classList.toggle("canvas__host--dropping", on);
  return {
    onDragOver(event: DragEvent) {
      if (!event.dataTransfer.types.includes(STEP_MIME)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      mark(true);
    },
    onDragLeave: () => mark(false),
    onDrop(event: DragEvent) {
      const item = event.dataTransfer.getData(STEP_MIME);
      const { editing, cameraRef, view } = latest.current;
      const at = cameraRef.current?.toCanvas([event.clientX, event.clientY]);
      mark(false);
      if (!item || !at) return;
      event.preventDefault();
      editing?.onDropStep(item, at, edgeAt(view.document, at, 24));
    },
    onDoubleClick(event: { target: EventTarget; clientX: number; clientY: number }) {
      const pane = (event.target as Element).classList.contains("react-flow__pane");
      const { editing, cameraRef, view } = latest.current;
      const at = cameraRef.current?.toCanvas([event.clientX, event.clientY]);
      if (pane && at && !indexOf(view.document).at(at)) editing?.onQuickAdd(at);
    },
  };
}
