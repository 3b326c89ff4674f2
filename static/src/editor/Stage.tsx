import { type ReactElement, useCallback, useEffect, useMemo, useRef } from "react";
import { useBoard } from "../canvas/board";
import { CanvasControls, ControlButton } from "../canvas/Controls";
import type { Camera } from "../canvas/camera";
import type { Marks } from "../canvas/elements";
import { FlowCanvas } from "../canvas/FlowCanvas";
import { type Editing, firstTool } from "../canvas/gestures";
import { isTyping } from "../canvas/keys";
import { refusal } from "../model/edges";
import * as edits from "../model/edits";
import { snap } from "../model/nodes";
import type { Problem } from "../model/problems";
import { type Selection, toggleNode } from "../model/selection";
import { runStates } from "../run/canvasStates";
import { t, tn } from "../words/t";
import { dropStep, landStep, openChooser } from "./adding";
import { connectNodes } from "./connecting";
import { groupEditing, toggleGroup } from "./grouping";
import { useEditor, useSession } from "./hooks";
import { canvasKey, chooseTool, tidyUp } from "./keys";
import { Later } from "./LaterPart";
import { noteEditing } from "./noting";
import { showRounds } from "./run/showing";
import type { Session } from "./session";
import { openStepMenu } from "./stepMenus";

/** The canvas and everything that lies over it. */
export function Stage(): ReactElement {
  const session = useSession();
  const cameraRef = useCameraOf(session);
  const document = useEditor((state) => state.document);
  const selection = useEditor((state) => state.selection);
  const problems = useEditor((state) => state.problems);
  const run = useEditor((state) => state.run);
  const connecting = useEditor((state) => state.connecting);
  const request = useEditor((state) => state.focusRequest);
  const tool = useEditor((state) => state.tool);
  useEffect(() => session.store.set({ tool: firstTool() }), [session]);
  const edited = useEditor((state) => state.edgeEditor);
  const outline = useEditor((state) => state.outline);
  const gathering = useEditor((state) => state.gathering);
  const marks = useMemo(() => marksOf(problems), [problems]);
  const view = run?.view;
  const board = useBoard(useMemo(() => (view ? runStates(view) : null), [view]));
  const editing = useMemo(() => (session.canEdit ? editingOf(session) : null), [session]);
  const groups = useMemo(() => (session.canEdit ? groupEditing(session) : null), [session]);
  const onSelect = useCallback((next: Selection) => session.select(next), [session]);
  return (
    <FlowCanvas
      view={{
        document,
        tools: session.looks,
        selection,
        marks,
        candidate: connecting?.candidate ?? null,
      }}
      board={board}
      label={outline ? t("Outline of the workflow") : LABEL}
      editing={editing}
      tool={tool}
      onSelect={onSelect}
      onOpen={(kind, id) => openThing(session, kind, id)}
      onRounds={(node) => showRounds(session, node)}
      onHeld={session.canEdit ? (node) => gather(session, node) : undefined}
      covered={outline}
      gathering={gathering}
      onMenu={(node, at) => openStepMenu(session, node, at)}
      onToggleGroup={(id) => toggleGroup(session, id)}
      groups={groups}
      onKeyDown={(event) => {
        if (isTyping(event.target) || event.defaultPrevented) return;
        if (canvasKey(session, event)) event.preventDefault();
      }}
      cameraRef={cameraRef}
      focusRequest={outline ? null : request}
    >
      <CanvasControls
        document={document}
        board={board}
        selected={selection.nodes}
        camera={() => cameraRef.current}
      >
        {session.canEdit && (
          <>
            <ControlButton
              icon="hand"
              label={
                tool === "hand" ? t("Select by dragging (V)") : t("Move the paper by dragging (H)")
              }
              pressed={tool === "hand"}
              onClick={() => chooseTool(session, tool === "hand" ? "select" : "hand")}
            />
            <ControlButton
              icon="tidy"
              label={t("Tidy up (Shift+Alt+T)")}
              onClick={() => tidyUp(session)}
            />
          </>
        )}
      </CanvasControls>
      <Notes />
      <Later part="EmptyStage" />
      <Later part="ConnectBar" />
      <Later part="Chooser" />
      {outline && <Later part="Outline" />}
      {edited !== null && <Later part="EdgeEditor" id={edited} />}
      <Later part="RenameBox" />
      <Later part="ReadOnly" />
      <Later part="SelectionBar" />
      <Later part="StepMenu" />
    </FlowCanvas>
  );
}

function Notes(): ReactElement {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const fresh = useEditor((state) => state.freshNote);
  const editing = useMemo(() => (session.canEdit ? noteEditing(session) : null), [session]);
  return <Later part="StickyNotes" document={document} editing={editing} fresh={fresh} />;
}

const LABEL = t(
  "Canvas. Arrow keys travel between the steps, N adds a step, C connects, question mark lists all keys.",
);

function useCameraOf(session: Session): { current: Camera | null } {
  const ref = useRef<{ current: Camera | null }>(null);
  ref.current ??= {
    get current() {
      return session.camera;
    },
    set current(camera) {
      session.camera = camera;
    },
  };
  return ref.current;
}

function editingOf(session: Session): Editing {
  return {
    onMove(places) {
      const snapped = new Map([...places].map(([id, at]) => [id, snap(at)] as const));
      session.edit(edits.move(snapped), tn("Moved a step", "Moved {count} steps", places.size));
    },
    onLand: (id, at, edge) => landStep(session, id, at, edge),
    onConnect: (from, to, kind) => void connectNodes(session, from, to, kind),
    refusal: (from, to, kind) => refusal(session.document, from, to, kind),
    onDropWire: (from, kind, at) => openChooser(session, { at, after: { node: from, kind } }),
    onDropStep: (key, at, edge) => dropStep(session, key, at, edge),
    onInsert: (edge) => openChooser(session, { into: edge, after: null }),
    onQuickAdd: (at) => openChooser(session, { at, after: null, into: null }),
  };
}

/** A finger stayed on a step: it is selected along with the others, and taps go on so. */
function gather(session: Session, node: string): void {
  const { selection } = session.state;
  navigator.vibrate?.(10);
  session.store.set({ gathering: true });
  session.select(selection.nodes.has(node) ? selection : toggleNode(selection, node));
  session.say(t("Taps select more steps now"));
}

function openThing(session: Session, kind: "node" | "edge", id: string): void {
  if (kind === "node") {
    session.goTo(id);
    session.focusField("first");
  } else {
    session.goToEdge(id);
    session.store.set({ edgeEditor: id });
  }
}

function marksOf(problems: readonly Problem[]): Marks {
  const nodes = new Map<string, { errors: number; warnings: number }>();
  const edges = new Map<string, string>();
  for (const problem of problems) {
    if (problem.node !== null) {
      const mark = nodes.get(problem.node) ?? { errors: 0, warnings: 0 };
      if (problem.severity === "error") mark.errors += 1;
      else mark.warnings += 1;
      nodes.set(problem.node, mark);
    }
    if (problem.edge !== null && problem.severity === "error") {
      edges.set(problem.edge, problem.message);
    }
  }
  return { nodes, edges };
}
