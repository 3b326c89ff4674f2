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
  useSyncExternalStore,
} from "react";
import type { Selection } from "../model/selection";
import { shownOf } from "../model/shown";
import { BoardContext, type StateBoard } from "./board";
import { type Camera, FAR_COUNT, firstViewport, MAX_ZOOM, MIN_ZOOM } from "./camera";
import { CanvasContext } from "./context";
import { type BoxElement, Elements, type View, type WireElement } from "./elements";
import { FarView } from "./FarView";
import { type GroupEditing, GroupFrames } from "./GroupFrames";
import { GroupNode } from "./GroupNode";
import { type Editing, type PointerTool, useEditing } from "./gestures";
import {
  type FocusRequest,
  useCamera,
  useFar,
  useFirstFocus,
  useHost,
  useKeyboardFocus,
} from "./hooks";
import { usePointing } from "./pointing";
import { preferences, watchPreferences } from "./preferences";
import { StepNode } from "./StepNode";
import { isByTouch, useLongPress } from "./useLongPress";
import { DrawnWire, WireEdge } from "./WireEdge";

const NODE_TYPES: NodeTypes = { step: StepNode, pile: GroupNode } as unknown as NodeTypes;
const EDGE_TYPES: EdgeTypes = { wire: WireEdge } as unknown as EdgeTypes;
const GRID: [number, number] = [8, 8];
const ADDING_KEYS = ["Shift", "Control", "Meta"];
const NO_STEPS: BoxElement[] = [];
const NO_WIRES: WireElement[] = [];

export interface FlowCanvasProps {
  readonly view: Omit<View, "dragged" | "landing" | "tabStop" | "editable" | "running">;
  /** What a run did to the nodes and edges, if one is shown. */
  readonly board: StateBoard;
  readonly label: string;
  /** What gestures do; null makes the canvas read-only. */
  readonly editing: Editing | null;
  /** What a drag on the empty canvas does; a read-only canvas is always moved. */
  readonly tool?: PointerTool;
  readonly onSelect: (selection: Selection) => void;
  /** A node or edge was double-clicked, or the label of an edge clicked. */
  readonly onOpen?: (kind: "node" | "edge", id: string) => void;
  /** The count of rounds at a step was clicked. */
  readonly onRounds?: (node: string) => void;
  /** The menu of a step was asked for, with the pointer or the keyboard. */
  /** A finger stayed on a step; where that means nothing, its menu opens. */
  readonly onHeld?: ((node: string) => void) | undefined;
  /** Something else lies over the whole canvas: nothing is painted that nobody sees. */
  readonly covered?: boolean;
  /** Each tap adds a step to the selection, or takes it out. */
  readonly gathering?: boolean;
  readonly onMenu?: (node: string, at: readonly [x: number, y: number]) => void;
  /** A group is to be closed to one box, or opened. */
  readonly onToggleGroup?: (group: string) => void;
  readonly groups?: GroupEditing | null;
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
    start.current = firstViewport(props.view.document, size.width, size.height);
  }
  return (
    <div className="canvas" ref={ref}>
      {start.current && (
        <ReactFlowProvider>
          <BoardContext.Provider value={props.board}>
            <Flow {...props} start={start.current} />
          </BoardContext.Provider>
        </ReactFlowProvider>
      )}
    </div>
  );
}

function Flow(props: FlowCanvasProps & { start: Viewport }): ReactElement {
  const { view, editing, onSelect } = props;
  const host = useRef<HTMLDivElement>(null);
  const count = shownOf(view.document).boxes.size;
  const [leaving, setLeaving] = useState(false);
  const far = useFar(count, props.start.zoom) || leaving;
  useCamera(host, props.cameraRef, count > FAR_COUNT ? setLeaving : null);
  const { links, stop, stopShown } = useKeyboardFocus(host, props);
  useFirstFocus(host);
  const { dragged, landing, onNodesMoved, editHandlers, frames } = useEditing(props, host);
  const elements = useMemo(() => new Elements(), []);
  const running = useSyncExternalStore(props.board.watch, () => props.board.states !== null);
  const editable = editing !== null;
  const full: View = { ...view, dragged, landing, tabStop: stop, editable, running };
  const pointing = usePointing(
    view.document,
    view.selection,
    far,
    onSelect,
    props.onOpen,
    props.onToggleGroup,
    onNodesMoved,
    props.gathering === true,
  );
  const press = useLongPress(props.onHeld, pointing.paintedAt);
  const focus = view.selection.focus;
  const { wheelZooms } = useSyncExternalStore(watchPreferences, preferences);
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
        onContextMenu={(event) => {
          const step = (event.target as HTMLElement).closest<HTMLElement>("[data-node]");
          const node = step?.dataset.node ?? pointing.paintedAt(event);
          if (!node || !props.onMenu) return;
          event.preventDefault();
          if (props.onHeld && isByTouch(event)) return;
          props.onMenu(node, [event.clientX, event.clientY]);
        }}
        {...editHandlers.host}
        {...pointing.host}
        {...press}
      >
        <ReactFlow<BoxElement, WireElement>
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
          panOnScroll={!wheelZooms}
          zoomOnScroll={wheelZooms}
          snapToGrid
          snapGrid={GRID}
          nodeDragThreshold={2}
          // Else a drag of what is selected would take it out, as a tap does.
          selectNodesOnDrag={!props.gathering}
          connectionRadius={28}
          connectionLineComponent={DrawnWire}
          proOptions={PRO_OPTIONS}
          {...editHandlers.flow}
          {...pointing.flow}
        >
          {!far && <Background gap={24} size={1.5} />}
          {!far && (
            <GroupFrames
              document={view.document}
              selection={view.selection}
              dragged={dragged}
              editing={props.groups ?? null}
              onSelect={onSelect}
              onToggle={links.openGroup}
              {...frames}
            />
          )}
        </ReactFlow>
        {far && !props.covered && (
          <FarView
            document={view.document}
            selected={view.selection.nodes}
            focus={focus?.kind === "node" ? focus.id : null}
            faulty={view.marks.nodes}
            changes={view.marks.changes}
            board={props.board}
          />
        )}
      </div>
      {props.children}
    </CanvasContext.Provider>
  );
}

// The credit stands on the About page; on the canvas it would be a Tab stop between the steps.
const PRO_OPTIONS = { hideAttribution: true };
