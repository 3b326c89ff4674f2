/**
 * The canvas of the editor and of the run page. React Flow renders what is in sight; the document,
 * the selection and the keyboard belong to us: every gesture becomes a call of `editing` or `onSelect`.
 */
import {
  Background,
  type EdgeTypes,
  type NodeTypes,
  ReactFlow,
  ReactFlowProvider,
  type Viewport,
} from "@xyflow/react";
import {
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  useMemo,
  useRef,
  useState,
} from "react";
import { bounds, sceneOf } from "../model/geometry";
import type { Selection } from "../model/selection";
import { type Camera, FAR_COUNT, firstViewport, MAX_ZOOM, MIN_ZOOM } from "./camera";
import { CanvasContext } from "./context";
import { Elements, type StepElement, type View, type WireElement } from "./elements";
import { FarView } from "./FarView";
import { type Editing, useEditing } from "./gestures";
import {
  type FocusRequest,
  useCamera,
  useFar,
  useFirstFocus,
  useHost,
  useKeyboardFocus,
} from "./hooks";
import { usePointing } from "./pointing";
import { StepNode } from "./StepNode";
import { DrawnWire, WireEdge } from "./WireEdge";

const NODE_TYPES: NodeTypes = { step: StepNode } as unknown as NodeTypes;
const EDGE_TYPES: EdgeTypes = { wire: WireEdge } as unknown as EdgeTypes;
const GRID: [number, number] = [8, 8];
const ADDING_KEYS = ["Shift", "Control", "Meta"];
const NO_STEPS: StepElement[] = [];
const NO_WIRES: WireElement[] = [];

export interface FlowCanvasProps {
  readonly view: Omit<View, "dragged" | "tabStop" | "editable">;
  readonly label: string;
  /** What gestures do; null makes the canvas read-only. */
  readonly editing: Editing | null;
  readonly onSelect: (selection: Selection) => void;
  /** A node or edge was double-clicked, or the label of an edge clicked. */
  readonly onOpen?: (kind: "node" | "edge", id: string) => void;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void;
  readonly cameraRef: { current: Camera | null };
  /** A change of it moves the keyboard to that node. */
  readonly focusRequest: FocusRequest | null;
  /** What lies over the canvas: controls, minimap, panels. */
  readonly children?: ReactNode;
}

export function FlowCanvas(props: FlowCanvasProps): ReactElement {
  const { ref, size } = useHost();
  const start = useRef<Viewport | null>(null);
  if (size && !start.current) {
    const { document } = props.view;
    const { boxes } = sceneOf(document);
    const entry = boxes.get(document.entry[0] ?? "");
    start.current = firstViewport(
      bounds(boxes.values()),
      entry,
      boxes.size,
      size.width,
      size.height,
    );
  }
  return (
    <div className="canvas" ref={ref}>
      {start.current && (
        <ReactFlowProvider>
          <Flow {...props} start={start.current} />
        </ReactFlowProvider>
      )}
    </div>
  );
}

function Flow(props: FlowCanvasProps & { start: Viewport }): ReactElement {
  const { view, editing, onSelect } = props;
  const host = useRef<HTMLDivElement>(null);
  const count = Object.keys(view.document.nodes).length;
  const [leaving, setLeaving] = useState(false);
  const far = useFar(count, props.start.zoom) || leaving;
  useCamera(host, props.cameraRef, count > FAR_COUNT ? setLeaving : null);
  const { links, stop, stopShown } = useKeyboardFocus(host, props);
  useFirstFocus(host);
  const { dragged, onNodesMoved, editHandlers } = useEditing(props, host);
  const elements = useMemo(() => new Elements(), []);
  const full: View = { ...view, dragged, tabStop: stop, editable: editing !== null };
  const pointing = usePointing(
    view.document,
    view.selection,
    far,
    onSelect,
    props.onOpen,
    onNodesMoved,
  );
  const focus = view.selection.focus;
  return (
    <CanvasContext.Provider value={links}>
      <div
        ref={host}
        className={far ? "canvas__host canvas__host--far" : "canvas__host"}
        role="group"
        aria-label={props.label}
        // Stands in for a step that is out of sight.
        tabIndex={stopShown ? -1 : 0}
        onKeyDown={props.onKeyDown}
        {...editHandlers.host}
        {...pointing.host}
      >
        <ReactFlow<StepElement, WireElement>
          nodes={far ? NO_STEPS : elements.steps(full)}
          edges={far ? NO_WIRES : elements.wires(full)}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          defaultViewport={props.start}
          minZoom={MIN_ZOOM}
          maxZoom={MAX_ZOOM}
          onlyRenderVisibleElements
          nodesFocusable={false}
          edgesFocusable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode={null}
          multiSelectionKeyCode={ADDING_KEYS}
          elevateNodesOnSelect={false}
          zoomOnDoubleClick={false}
          panOnScroll
          snapToGrid
          snapGrid={GRID}
          nodeDragThreshold={2}
          connectionRadius={28}
          connectionLineComponent={DrawnWire}
          proOptions={PRO_OPTIONS}
          {...editHandlers.flow}
          {...pointing.flow}
        >
          {!far && <Background gap={24} size={1.5} />}
        </ReactFlow>
        {far && (
          <FarView
            document={view.document}
            selected={view.selection.nodes}
            focus={focus?.kind === "node" ? focus.id : null}
            faulty={view.marks.nodes}
            nodeStates={view.nodeStates}
            edgeStates={view.edgeStates}
          />
        )}
      </div>
      {props.children}
    </CanvasContext.Provider>
  );
}

// The credit stands on the About page; on the canvas it would be a Tab stop between the steps.
const PRO_OPTIONS = { hideAttribution: true };
