import type { ReactElement } from "react";
import { Icon } from "../canvas/icons";
import { t } from "../words/t";
import { useEditor, useSession } from "./hooks";
import { Later } from "./LaterPart";
import { isTrouble, saveWords } from "./saveWords";
import { when } from "./when";

/** Where the work is, in words that are true. */
export function SaveNote(): ReactElement {
  const session = useSession();
  const save = useEditor((state) => state.save);
  const kept = useEditor((state) => state.kept);
  const writing = useEditor((state) => state.writing);
  const published = useEditor((state) => state.published);
  const bad = isTrouble(save) || (!kept && save.kind === "unsaved");
  const words = saveWords(save, kept, when);
  const detail = "message" in save ? save.message : words;
  return (
    <p
      className={bad ? "save-note save-note--bad" : "save-note"}
      title={detail}
      // The words would flicker with each key; programs that wait for the truth read this.
      data-writing={writing}
    >
      <span className="save-note__version">
        {published ? <Later part="DraftNote" number={published.number} /> : t("Draft")}
      </span>
      {/* Before the words: they change while it is offered, and it must not move then. */}
      {save.kind === "offline" && (
        <button type="button" className="link-button" onClick={() => session.saver.retryNow()}>
          {t("Try now")}
        </button>
      )}
      <span className="save-note__state" role="status">
        {bad && <Icon name="warning" size={12} />} <span className="save-note__words">{words}</span>
      </span>
    </p>
  );
}
