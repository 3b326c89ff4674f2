import { type ReactElement, useEffect, useRef } from "react";
import { Icon, type IconName } from "../../canvas/icons";
import * as edits from "../../model/edits";
import { t } from "../../words/t";
import { openChooser } from "../adding";
import { deleteSelected } from "../clipping";
import { beginConnect } from "../connecting";
import { useEditor, useFieldId, useSession } from "../hooks";
import { keyNames } from "../keyNames";
import { switchSelected } from "../keys";
import { renamed } from "../renaming";
import type { Session } from "../session";
import { editRow } from "./editRow";
import type { Row, StepRow } from "./rows";
import { toggleOutline } from "./toggle";

interface Props {
  readonly current: Row | null;
  readonly renaming: string | null;
  readonly onRenaming: (id: string | null) => void;
}

/** What can be done with the current row, by name and with its key: nothing is only a key. */
export function OutlineTools({ current, renaming, onRenaming }: Props): ReactElement {
  const session = useSession();
  const connecting = useEditor((state) => state.connecting);
  return (
    <header className="outliner__tools">
      <h2 className="outliner__head">{t("Outline")}</h2>
      {connecting ? (
        <p className="outliner__hint">
          {t("Connect “{step}”: choose a step with ↑ ↓ or a click, Enter connects, Esc cancels.", {
            step: titleOf(session, connecting.from),
          })}
        </p>
      ) : renaming !== null ? (
        <Rename
          id={renaming}
          onDone={(text) => {
            onRenaming(null);
            renamed(session, renaming, text);
          }}
        />
      ) : (
        session.canEdit && <Buttons current={current} onRenaming={onRenaming} />
      )}
      <Tool
        icon="map"
        words={t("Canvas")}
        keys="Alt+O"
        onClick={() => toggleOutline(session)}
        className="outliner__leave"
      />
    </header>
  );
}

const titleOf = (session: Session, id: string) => session.document.nodes[id]?.title || id;

function Buttons({ current, onRenaming }: Omit<Props, "renaming">): ReactElement {
  const session = useSession();
  return (
    <div className="outliner__buttons" role="group" aria-label={t("Do with the current row")}>
      <Tool icon="add" words={addWords(current)} keys="N" onClick={() => openChooser(session)} />
      {current && (
        <Tool
          icon="settings"
          words={t("Edit")}
          keys="Enter"
          onClick={() => editRow(session, current)}
        />
      )}
      {current?.kind === "step" && <StepTools row={current} onRenaming={onRenaming} />}
      {current?.kind === "way" && (
        <>
          <Tool
            icon="arrowUp"
            words={t("Earlier")}
            keys="Alt+↑"
            off={current.position === 1}
            onClick={() => moveWay(session, current, -1)}
          />
          <Tool
            icon="arrowDown"
            words={t("Later")}
            keys="Alt+↓"
            off={current.position === current.count}
            onClick={() => moveWay(session, current, 1)}
          />
        </>
      )}
      {current && (
        <Tool
          icon="trash"
          words={t("Delete")}
          keys="Delete"
          onClick={() => deleteSelected(session)}
        />
      )}
    </div>
  );
}

function StepTools(props: { row: StepRow; onRenaming: Props["onRenaming"] }): ReactElement {
  const session = useSession();
  const { id } = props.row;
  const spec = useEditor((state) => state.document.nodes[id]);
  return (
    <>
      {spec?.type !== "end" && (
        <Tool icon="wire" words={t("Connect")} keys="C" onClick={() => connectFrom(session, id)} />
      )}
      <Tool icon="text" words={t("Rename")} keys="F2" onClick={() => props.onRenaming(id)} />
      <Tool
        icon="off"
        words={spec?.disabled ? t("Switch on") : t("Switch off")}
        keys="D"
        onClick={() => switchSelected(session)}
      />
    </>
  );
}

/** The keyboard goes back to the tree, where the target is chosen. */
function connectFrom(session: Session, id: string): void {
  session.goTo(id);
  beginConnect(session);
}

const addWords = (current: Row | null) =>
  current === null ? t("Add a step") : current.kind === "way" ? t("Insert a step") : t("Add after");

interface ToolProps {
  readonly icon: IconName;
  readonly words: string;
  readonly keys: string;
  readonly onClick: () => void;
  readonly off?: boolean;
  readonly className?: string;
}

function Tool({
  icon,
  words,
  keys,
  onClick,
  off = false,
  className = "",
}: ToolProps): ReactElement {
  return (
    <button
      type="button"
      className={`button button--quiet button--small ${className}`}
      aria-label={words}
      title={`${words} (${keyNames(keys)})`}
      disabled={off}
      onClick={onClick}
    >
      <Icon name={icon} size={14} /> <span className="outliner__tool-words">{words}</span>
    </button>
  );
}

/** The title of a step, written over the tree. */
function Rename({
  id,
  onDone,
}: {
  id: string;
  onDone: (text: string | null) => void;
}): ReactElement {
  const session = useSession();
  const field = useFieldId("rename");
  const input = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  useEffect(() => input.current?.select(), []);
  const finish = (text: string | null) => {
    if (done.current) return;
    done.current = true;
    onDone(text);
  };
  return (
    <div className="outliner__rename">
      <label htmlFor={field}>{t("Title of “{id}”", { id })}</label>
      <input
        ref={input}
        id={field}
        className="input"
        defaultValue={titleOf(session, id)}
        maxLength={200}
        onBlur={(event) => finish(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" && event.key !== "Escape") return;
          event.preventDefault();
          event.stopPropagation();
          finish(event.key === "Enter" ? event.currentTarget.value : null);
        }}
      />
    </div>
  );
}

/** A way earlier or later among those of its step: that order decides. */
export function moveWay(session: Session, row: Row | null, by: -1 | 1): void {
  if (row?.kind !== "way") {
    session.say(t("Only ways have an order of their own: steps stand as a run comes to them"));
    return;
  }
  const moved = session.edit(
    edits.reorder(row.edge.id, by),
    t("Way to {step} is number {n} of {total} now", {
      step: titleOf(session, row.edge.to),
      n: row.position + by,
      total: row.count,
    }),
  );
  if (!moved && session.canEdit)
    session.say(by < 0 ? t("It is the first way already") : t("It is the last way already"));
}
