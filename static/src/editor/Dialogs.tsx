import { type ReactElement, useState } from "react";
import { Icon } from "../canvas/icons";
import { Dialog, DialogNotice } from "./Dialog";
import { useEditor, useFieldId, useSession } from "./hooks";
import { title as problemsTitle } from "./Problems";
import { RunDialog } from "./RunDialog";
import { publish } from "./running";
import { ShortcutSheet } from "./ShortcutSheet";

/** The dialog that is open, if any. */
export function Dialogs(): ReactElement | null {
  const dialog = useEditor((state) => state.dialog);
  if (dialog === "run") return <RunDialog />;
  if (dialog === "publish") return <PublishDialog />;
  if (dialog === "keys") return <ShortcutSheet />;
  return null;
}

function PublishDialog(): ReactElement {
  const session = useSession();
  const [note, setNote] = useState("");
  const id = useFieldId("note");
  const busy = useEditor((state) => state.starting);
  const problems = useEditor((state) => state.problems);
  const published = useEditor((state) => state.published);
  const errors = problems.some((problem) => problem.severity === "error");
  return (
    <Dialog title={`Publish version ${(published?.number ?? 0) + 1}`}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void publish(session, note);
        }}
      >
        <p className="dialog__words">
          A published version never changes. New runs use it; the draft goes on from here.
        </p>
        {problems.length > 0 && (
          <p className={errors ? "notice notice--error" : "notice notice--warning"}>
            <Icon name="warning" />
            <span className="notice__body">
              {problemsTitle(problems)}.{" "}
              <button
                type="button"
                className="link-button"
                onClick={() => session.store.set({ dialog: null, showProblems: true })}
              >
                Show
              </button>
            </span>
          </p>
        )}
        <div className="field">
          <label className="field__label" htmlFor={id}>
            What changed (may be left out)
          </label>
          <input
            id={id}
            className="input"
            value={note}
            maxLength={200}
            onChange={(event) => setNote(event.target.value)}
          />
        </div>
        <DialogNotice />
        <div className="form__actions">
          <button type="submit" className="button button--primary" disabled={busy || errors}>
            {busy ? "Publishing…" : "Publish"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
