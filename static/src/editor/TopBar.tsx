import { type ReactElement, useState } from "react";
import { Icon, type IconName } from "../canvas/icons";
import { hasNodes } from "../model/document";
import { ReasonedButton } from "../parts/ReasonedButton";
import { hasEnded } from "../run/view";
import { t, tp } from "../words/t";
import { sentence } from "./api";
import { useEditor, useSession } from "./hooks";
import { openPalette } from "./keys";
import { Later } from "./LaterPart";
import { toggleOutline } from "./outline/toggle";
import { problemsTitle } from "./problemWords";
import { askToRun, publishSoon, stopRun } from "./running";
import { SaveNote } from "./SaveNote";

/** The bar above the canvas: where one is, what is saved, and what can be done with it. */
export function TopBar(): ReactElement {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const name = String(document.name || session.boot.workflow.name);
  return (
    <header className="topbar">
      <a className="topbar__back" href={session.boot.urls.workflows} title={t("All workflows")}>
        <Icon name="chevronRight" /> <span className="topbar__back-words">{t("Workflows")}</span>
      </a>
      <h1 className="topbar__name" title={name}>
        {name}
      </h1>
      <SaveNote />
      <Later part="People" />
      <div className="topbar__tools">
        <UndoButtons />
        <ProblemsButton />
      </div>
      <div className="topbar__acts">
        <Drawers />
        <OutlineButton />
        <IconButton
          className="wide-only"
          icon="command"
          label={t("Do or find anything (Ctrl+K)")}
          onClick={() => openPalette(session)}
        />
        <IconButton
          className="wide-only"
          icon="keyboard"
          label={t("Keyboard shortcuts (?)")}
          onClick={() => session.store.set({ dialog: "keys" })}
        />
        <RunButton />
        {session.canEdit ? <PublishButton /> : <DuplicateButton />}
      </div>
    </header>
  );
}

function OutlineButton(): ReactElement {
  const session = useSession();
  const outline = useEditor((state) => state.outline);
  return (
    <IconButton
      icon="outline"
      label={t("Outline (Alt+O)")}
      pressed={outline}
      onClick={() => toggleOutline(session)}
    />
  );
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
          label={t("Steps")}
          pressed={drawer === "steps"}
          onClick={() => toggle("steps")}
        />
      )}
      <IconButton
        className="narrow-only"
        icon="settings"
        label={t("Settings")}
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
        label={undo ? t("Undo: {undo} (Ctrl+Z)", { undo }) : t("Nothing to undo")}
        disabled={!undo}
        onClick={() => session.undo()}
      />
      <IconButton
        icon="redo"
        label={redo ? t("Redo: {redo} (Ctrl+Shift+Z)", { redo }) : t("Nothing to redo")}
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
      title={t("{problems} (F8 goes to the next)", { problems: words })}
      onClick={() => session.store.set({ showProblems: !shown })}
    >
      <Icon name={problems.length ? "warning" : "check"} />
      {problems.length > 0 && problems.length}
    </button>
  );
}

const NO_STEPS = t("It has no steps yet.");

function RunButton(): ReactElement {
  const session = useSession();
  const run = useEditor((state) => state.run);
  const empty = useEditor((state) => !hasNodes(state.document));
  if (run && !hasEnded(run.view.status)) {
    return (
      <button
        type="button"
        className="button button--danger"
        title={t("Stop the run (Ctrl+Alt+Enter)")}
        onClick={() => stopRun(session)}
      >
        <Icon name="stop" /> {t("Stop")}
      </button>
    );
  }
  return (
    <ReasonedButton
      className="button"
      why={session.runRefusal ?? (empty ? NO_STEPS : null)}
      title={t("Run the draft (Ctrl+Enter)")}
      onClick={() => askToRun(session)}
    >
      <Icon name="run" /> {tp("verb", "Run")}
    </ReasonedButton>
  );
}

function PublishButton(): ReactElement {
  const session = useSession();
  const empty = useEditor((state) => !hasNodes(state.document));
  const fresh = useEditor((state) => state.fresh);
  return (
    <ReasonedButton
      className="button button--primary"
      why={fresh ? t("The draft is published as it is.") : empty ? NO_STEPS : null}
      title={t("Make the draft the next version (Ctrl+S)")}
      onClick={() => publishSoon(session)}
    >
      {fresh ? t("Published") : t("Publish")}
    </ReasonedButton>
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
    <ReasonedButton
      className="button button--primary"
      disabled={busy}
      note={session.boot.cannot?.edit ?? t("A copy is yours to change.")}
      onClick={() => void duplicate()}
    >
      {t("Duplicate to edit")}
    </ReasonedButton>
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
