import { type ReactElement, useState } from "react";
import { Icon, type IconName } from "../canvas/icons";
import { hasEnded } from "../run/view";
import { sentence } from "./api";
import { useEditor, useSession } from "./hooks";
import { openPalette } from "./keys";
import { title as problemsTitle } from "./Problems";
import { askToRun, publishSoon, stopRun } from "./running";
import { saveWords } from "./saver";

/** The bar above the canvas: where one is, what is saved, and what can be done with it. */
export function TopBar(): ReactElement {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const name = String(document.name || session.boot.workflow.name);
  return (
    <header className="topbar">
      <a className="topbar__back" href={session.boot.urls.workflows} title="All workflows">
        <Icon name="chevronRight" /> <span className="topbar__back-words">Workflows</span>
      </a>
      <h1 className="topbar__name" title={name}>
        {name}
      </h1>
      <SaveNote />
      <div className="topbar__tools">
        <Drawers />
        <UndoButtons />
        <ProblemsButton />
        <IconButton
          className="wide-only"
          icon="command"
          label="Do or find anything (Ctrl+K)"
          onClick={() => openPalette(session)}
        />
        <IconButton
          className="wide-only"
          icon="keyboard"
          label="Keyboard shortcuts (?)"
          onClick={() => session.store.set({ dialog: "keys" })}
        />
        <RunButton />
        {session.canEdit ? <PublishButton /> : <DuplicateButton />}
      </div>
    </header>
  );
}

function SaveNote(): ReactElement {
  const session = useSession();
  const save = useEditor((state) => state.save);
  const published = useEditor((state) => state.published);
  const local = session.localWorks ? "" : " This browser keeps no local copy.";
  const held = save.kind === "offline" || save.kind === "refused" || save.kind === "conflict";
  const bad = held || (save.kind === "unsaved" && !session.localWorks);
  const detail =
    save.kind === "refused"
      ? save.message
      : held
        ? `Your changes are kept in this browser.${local}`
        : `Changes are saved as a draft.${local}`;
  return (
    <p className={bad ? "save-note save-note--bad" : "save-note"} title={detail}>
      <span className="save-note__version">
        {published ? `Draft · v${published.number} is live` : "Draft"}
      </span>
      <span className="save-note__state" role="status">
        {bad && <Icon name="warning" size={12} />} {saveWords(save, time)}
      </span>
      {(save.kind === "offline" || save.kind === "refused") && (
        <button type="button" className="link-button" onClick={() => session.saver.retryNow()}>
          Try now
        </button>
      )}
    </p>
  );
}

function time(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return "";
  const today = new Date().toDateString() === date.toDateString();
  return today
    ? date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
    : date.toLocaleDateString([], { day: "numeric", month: "short" });
}

function Drawers(): ReactElement {
  const session = useSession();
  const drawer = useEditor((state) => state.drawer);
  const toggle = (name: "steps" | "inspector") =>
    session.store.set({ drawer: drawer === name ? null : name });
  return (
    <>
      {session.canEdit && (
        <IconButton
          className="narrow-only"
          icon="add"
          label="Steps"
          pressed={drawer === "steps"}
          onClick={() => toggle("steps")}
        />
      )}
      <IconButton
        className="narrow-only"
        icon="settings"
        label="Settings"
        pressed={drawer === "inspector"}
        onClick={() => toggle("inspector")}
      />
    </>
  );
}

function UndoButtons(): ReactElement | null {
  const session = useSession();
  const undo = useEditor((state) => state.undoLabel);
  const redo = useEditor((state) => state.redoLabel);
  if (!session.canEdit) return null;
  return (
    <>
      <IconButton
        icon="undo"
        label={undo ? `Undo: ${undo} (Ctrl+Z)` : "Nothing to undo"}
        disabled={!undo}
        onClick={() => session.undo()}
      />
      <IconButton
        icon="redo"
        label={redo ? `Redo: ${redo} (Ctrl+Shift+Z)` : "Nothing to redo"}
        disabled={!redo}
        onClick={() => session.redo()}
      />
    </>
  );
}

function ProblemsButton(): ReactElement | null {
  const session = useSession();
  const problems = useEditor((state) => state.problems);
  const shown = useEditor((state) => state.showProblems);
  const errors = problems.some((problem) => problem.severity === "error");
  const words = problemsTitle(problems);
  const tone = errors ? "problems-button--error" : problems.length ? "problems-button--warn" : "";
  return (
    <button
      type="button"
      className={`button button--quiet problems-button ${tone}`}
      aria-expanded={shown}
      aria-label={words}
      title={`${words} (F8 goes to the next)`}
      onClick={() => session.store.set({ showProblems: !shown })}
    >
      <Icon name={problems.length ? "warning" : "check"} />
      {problems.length > 0 && problems.length}
    </button>
  );
}

function RunButton(): ReactElement {
  const session = useSession();
  const run = useEditor((state) => state.run);
  const empty = useEditor((state) => Object.keys(state.document.nodes).length === 0);
  if (run && !hasEnded(run.view.status)) {
    return (
      <button
        type="button"
        className="button button--danger"
        title="Stop the run (Ctrl+Alt+Enter)"
        onClick={() => stopRun(session)}
      >
        <Icon name="stop" /> Stop
      </button>
    );
  }
  return (
    <button
      type="button"
      className="button"
      disabled={empty}
      title="Run the draft (Ctrl+Enter)"
      onClick={() => askToRun(session)}
    >
      <Icon name="run" /> Run
    </button>
  );
}

function PublishButton(): ReactElement {
  const session = useSession();
  const empty = useEditor((state) => Object.keys(state.document.nodes).length === 0);
  const fresh = useEditor((state) => state.fresh);
  return (
    <button
      type="button"
      className="button button--primary"
      disabled={empty || fresh}
      title={fresh ? "The draft is published" : "Make the draft the next version (Ctrl+S)"}
      onClick={() => publishSoon(session)}
    >
      {fresh ? "Published" : "Publish"}
    </button>
  );
}

/** For those who may only look: a copy of their own. */
function DuplicateButton(): ReactElement {
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const duplicate = async () => {
    setBusy(true);
    try {
      const id = await session.api.duplicate();
      location.assign(`${session.boot.urls.workflows}${id}/edit`);
    } catch (error) {
      session.tell({ tone: "error", text: sentence(error) });
      setBusy(false);
    }
  };
  return (
    <button
      type="button"
      className="button button--primary"
      disabled={busy}
      title="You may look at this workflow and run it. A copy is yours to change."
      onClick={() => void duplicate()}
    >
      Duplicate to edit
    </button>
  );
}

interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly className?: string;
}

function IconButton(props: IconButtonProps): ReactElement {
  return (
    <button
      type="button"
      className={`button button--quiet button--icon ${props.className ?? ""}`}
      title={props.label}
      aria-label={props.label}
      aria-pressed={props.pressed}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}
