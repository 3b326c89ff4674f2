import {
  type KeyboardEvent,
  type ReactElement,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { GraphDocument } from "../model/document";
import { bounds, sceneOf } from "../model/geometry";
import { neighbour } from "../model/hit";
import type { EdgeState, NodeState } from "../model/runstate";
import { NOTHING, type Selection, selectEdge, selectNode } from "../model/selection";
import { CanvasControls } from "./Controls";
import type { Camera } from "./camera";
import { NO_MARKS } from "./elements";
import { FlowCanvas } from "./FlowCanvas";
import type { FocusRequest } from "./hooks";
import { cameraKey, directionOf } from "./keys";
import type { ToolLook } from "./look";
import { placed } from "./placed";
import { StickyNotes } from "./StickyNotes";

export interface RunCanvasProps {
  readonly document: GraphDocument;
  readonly nodeStates: Readonly<Record<string, NodeState>>;
  readonly edgeStates: Readonly<Record<string, EdgeState>>;
  /** The selected node, or the edge when the id is one. */
  readonly selected: string | null;
  readonly onSelect: (id: string | null) => void;
  readonly tools?: ReadonlyMap<string, ToolLook>;
  readonly label?: string;
}

/** Long enough for the canvas to be there; a slider that is dragged moves the view only once. */
const REVEAL_MS = 120;

const NO_TOOLS: ReadonlyMap<string, ToolLook> = new Map();

/** The canvas of a run: the same graph, read-only, with what the run did to each node and edge. */
export function RunCanvas(props: RunCanvasProps): ReactElement {
  const { nodeStates, edgeStates, selected, onSelect } = props;
  const document = useMemo(() => placed(props.document), [props.document]);
  const cameraRef = useRef<Camera | null>(null);
  const [request, setRequest] = useState<FocusRequest | null>(null);
  const selection = useMemo(() => selectionOf(document, selected), [document, selected]);

  // A slider, a list or a live run may choose a step that is out of sight.
  useEffect(() => {
    const box = selected === null ? undefined : sceneOf(document).boxes.get(selected);
    if (!box) return;
    const soon = setTimeout(() => cameraRef.current?.reveal(box), REVEAL_MS);
    return () => clearTimeout(soon);
  }, [document, selected]);

  const choose = useCallback(
    (next: Selection) => {
      const [node] = next.nodes;
      const [edge] = next.edges;
      onSelect(node ?? edge ?? null);
    },
    [onSelect],
  );

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const { boxes } = sceneOf(document);
    const direction = directionOf(event);
    const from = selection.focus?.kind === "node" ? selection.focus.id : document.entry[0];
    if (direction && from !== undefined) {
      const id = selection.focus ? neighbour(boxes, from, direction) : from;
      event.preventDefault();
      if (!id) return;
      onSelect(id);
      setRequest((old) => ({ id, turn: (old?.turn ?? 0) + 1 }));
    } else if (event.key === "Escape") onSelect(null);
    else if (cameraKey(event, cameraRef.current, bounds(boxes.values()))) event.preventDefault();
  };

  return (
    <FlowCanvas
      view={{
        document,
        tools: props.tools ?? NO_TOOLS,
        selection,
        marks: NO_MARKS,
        nodeStates,
        edgeStates,
        candidate: null,
      }}
      label={props.label ?? "Graph of the run. Arrow keys travel between the steps."}
      editing={null}
      onSelect={choose}
      onOpen={(_, id) => onSelect(id)}
      onKeyDown={onKeyDown}
      cameraRef={cameraRef}
      focusRequest={request}
    >
      <CanvasControls
        document={document}
        nodeStates={nodeStates}
        selected={selection.nodes}
        camera={() => cameraRef.current}
      />
      <StickyNotes document={document} editing={null} />
    </FlowCanvas>
  );
}

function selectionOf(document: GraphDocument, id: string | null): Selection {
  if (id === null) return NOTHING;
  if (Object.hasOwn(document.nodes, id)) return selectNode(id);
  return document.edges.some((edge) => edge.id === id) ? selectEdge(id) : NOTHING;
}
