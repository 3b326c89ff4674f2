import { type ReactElement, useCallback, useMemo, useRef } from "react";
import { CanvasControls, ControlButton } from "../canvas/Controls";
import type { Camera } from "../canvas/camera";
import type { Marks } from "../canvas/elements";
import { FlowCanvas } from "../canvas/FlowCanvas";
import type { Editing } from "../canvas/gestures";
import { isTyping } from "../canvas/keys";
import { StickyNotes } from "../canvas/StickyNotes";
import { refusal } from "../model/edges";
import * as edits from "../model/edits";
import { snap } from "../model/nodes";
import type { Problem } from "../model/problems";
import type { Selection } from "../model/selection";
import { edgeStates, nodeStates } from "../run/canvasStates";
import { dropStep, openChooser } from "./adding";
import { Chooser } from "./Chooser";
import { connectNodes } from "./connecting";
import { EdgeEditor } from "./EdgeEditor";
import { useEditor, useSession } from "./hooks";
import { canvasKey, tidyUp } from "./keys";
import { noteEditing } from "./noting";
import type { Session } from "./session";

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
  const marks = useMemo(() => marksOf(problems), [problems]);
  const nodes = useMemo(() => (run ? nodeStates(run.view, document) : null), [run, document]);
  const edges = useMemo(() => (run ? edgeStates(run.view, document) : null), [run, document]);
  const editing = useMemo(() => (session.canEdit ? editingOf(session) : null), [session]);
  const onSelect = useCallback((next: Selection) => session.select(next), [session]);
  return (
    <FlowCanvas
      view={{
        document,
        tools: session.looks,
        selection,
        marks,
        nodeStates: nodes,
        edgeStates: edges,
        candidate: connecting?.candidate ?? null,
      }}
      label={LABEL}
      editing={editing}
      onSelect={onSelect}
      onOpen={(kind, id) => openThing(session, kind, id)}
      onKeyDown={(event) => {
        if (isTyping(event.target) || event.defaultPrevented) return;
        if (canvasKey(session, event)) event.preventDefault();
      }}
      cameraRef={cameraRef}
      focusRequest={request}
    >
      <CanvasControls
        document={document}
        nodeStates={nodes}
        selected={selection.nodes}
        camera={() => cameraRef.current}
      >
        {session.canEdit && (
          <ControlButton
            icon="tidy"
            label="Tidy up (Shift+Alt+T)"
            onClick={() => tidyUp(session)}
          />
        )}
      </CanvasControls>
      <Notes />
      <Empty />
      <ConnectBar />
      <Chooser />
      <EdgeEditor />
    </FlowCanvas>
  );
}

function Notes(): ReactElement {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const fresh = useEditor((state) => state.freshNote);
  const editing = useMemo(() => (session.canEdit ? noteEditing(session) : null), [session]);
  return <StickyNotes document={document} editing={editing} fresh={fresh} />;
}

const LABEL =
  "Canvas. Arrow keys travel between the steps, N adds a step, C connects, question mark lists all keys.";

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
      session.edit(
        edits.move(snapped),
        `Moved ${places.size === 1 ? "a step" : `${places.size} steps`}`,
      );
    },
    onConnect: (from, to, kind) => void connectNodes(session, from, to, kind),
    refusal: (from, to, kind) => refusal(session.document, from, to, kind),
    onDropWire: (from, kind, at) => openChooser(session, { at, after: { node: from, kind } }),
    onDropStep: (key, at, edge) => dropStep(session, key, at, edge),
    onInsert: (edge) => openChooser(session, { into: edge, after: null }),
    onQuickAdd: (at) => openChooser(session, { at, after: null, into: null }),
  };
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

function Empty(): ReactElement | null {
  const session = useSession();
  const empty = useEditor((state) => Object.keys(state.document.nodes).length === 0);
  const choosing = useEditor((state) => state.choosing);
  if (!empty || choosing) return null;
  return (
    <div className="empty-stage">
      <p className="empty-stage__words">
        {session.canEdit ? "Drag a step here, or press N." : "This workflow has no steps yet."}
      </p>
      {session.canEdit && (
        <>
          <p className="empty-stage__more">The first step you add is where runs start.</p>
          <button
            type="button"
            className="button button--primary"
            onClick={() => openChooser(session, {})}
          >
            Add the first step
          </button>
        </>
      )}
    </div>
  );
}

function ConnectBar(): ReactElement | null {
  const connecting = useEditor((state) => state.connecting);
  if (!connecting) return null;
  return (
    <div className="connect-bar">
      <span>
        Connect <strong>{connecting.from}</strong> to <strong>{connecting.candidate ?? "…"}</strong>
        {connecting.typed && <span className="connect-bar__typed">{connecting.typed}</span>}
      </span>
      <span className="connect-bar__keys">
        <kbd>←↑↓→</kbd> or type a name, <kbd>Enter</kbd> connects, <kbd>Esc</kbd> cancels
      </span>
    </div>
  );
}
