import {
  type KeyboardEvent,
  memo,
  type ReactElement,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { GraphDocument } from "../model/document";
import { bounds } from "../model/geometry";
import { changeGroup, groupsOf } from "../model/groups";
import { neighbour } from "../model/hit";
import { NOTHING, type Selection, selectEdge, selectNode } from "../model/selection";
import { nodesBehind, shownOf, standFor } from "../model/shown";
import { t } from "../words/t";
import { type RunStates, type StateBoard, useBoard } from "./board";
import { CanvasControls } from "./Controls";
import type { Camera } from "./camera";
import { type Marks, NO_MARKS } from "./elements";
import { FlowCanvas } from "./FlowCanvas";
import type { FocusRequest } from "./hooks";
import { cameraKey, directionOf } from "./keys";
import type { ToolLook } from "./look";
import { placed } from "./placed";
import { StickyNotes } from "./StickyNotes";

export interface RunCanvasProps {
  readonly document: GraphDocument;
  /** Null where no run is shown. */
  readonly states: RunStates | null;
  readonly marks?: Marks;
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
export function RunCanvas({ states, ...props }: RunCanvasProps): ReactElement {
  return <StillCanvas {...props} board={useBoard(states)} />;
}

type StillProps = Omit<RunCanvasProps, "states"> & { readonly board: StateBoard };

/** All of it that an event of the run leaves as it is. */
const StillCanvas = memo(function StillCanvas(props: StillProps): ReactElement {
  const { board, selected, onSelect } = props;
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const document = useMemo(() => turn(placed(props.document), turned), [props.document, turned]);
  const cameraRef = useRef<Camera | null>(null);
  const [request, setRequest] = useState<FocusRequest | null>(null);
  const selection = useMemo(() => selectionOf(document, selected), [document, selected]);

  // A slider, a list or a live run may choose a step that is out of sight.
  useEffect(() => {
    const box =
      selected === null ? undefined : shownOf(document).boxes.get(standFor(document, selected));
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
    const { boxes } = shownOf(document);
    const direction = directionOf(event);
    const from = selection.focus?.kind === "node" ? selection.focus.id : document.entry[0];
    if (direction && from !== undefined) {
      const next = selection.focus ? neighbour(boxes, standFor(document, from), direction) : from;
      event.preventDefault();
      const id = next && nodesBehind(document, next)[0];
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
        marks: props.marks ?? NO_MARKS,
        candidate: null,
      }}
      board={board}
      label={props.label ?? t("Graph of the run. Arrow keys travel between the steps.")}
      editing={null}
      onSelect={choose}
      onOpen={(_, id) => onSelect(id)}
      onToggleGroup={(id) => setTurned((old) => flipped(old, id))}
      onKeyDown={onKeyDown}
      cameraRef={cameraRef}
      focusRequest={request}
    >
      <CanvasControls
        document={document}
        board={board}
        selected={selection.nodes}
        camera={() => cameraRef.current}
      />
      <StickyNotes document={document} editing={null} />
    </FlowCanvas>
  );
});

/** Who looks at a run opens and closes groups for himself alone. */
function turn(document: GraphDocument, groups: ReadonlySet<string>): GraphDocument {
  return [...groups].reduce((turned, id) => {
    const collapsed = groupsOf(turned).get(id)?.collapsed ?? false;
    return changeGroup(turned, id, { collapsed: !collapsed });
  }, document);
}

function flipped(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return next;
}

function selectionOf(document: GraphDocument, id: string | null): Selection {
  if (id === null) return NOTHING;
  if (Object.hasOwn(document.nodes, id)) return selectNode(id);
  return document.edges.some((edge) => edge.id === id) ? selectEdge(id) : NOTHING;
}
