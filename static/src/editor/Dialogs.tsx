import { type ReactElement, type ReactNode, useLayoutEffect, useRef, useState } from "react";
import { Icon } from "../canvas/icons";
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

interface DialogProps {
  readonly title: string;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** A native modal dialog: the browser keeps the keyboard inside and Escape closes it. */
export function Dialog({ title, wide, children }: DialogProps): ReactElement {
  const session = useSession();
  const ref = useRef<HTMLDialogElement>(null);
  const id = useFieldId("dialog");
  // Closing gives the keyboard back to where it was, which works only while the dialog is there.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>(FIRST_FIELD)?.focus();
    return () => dialog?.close();
  }, []);
  const close = () => {
    session.store.set({ dialog: null });
    session.backToCanvas();
  };
  return (
    <dialog
      ref={ref}
      className={wide ? "dialog dialog--wide" : "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      // In a text of many lines Enter is a new line; with Ctrl it means what the button says.
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        ref.current?.querySelector("form")?.requestSubmit();
      }}
      onPointerDown={(event) => {
        if (event.target === event.currentTarget && outside(event, ref.current)) close();
      }}
    >
      <header className="dialog__head">
        <h2 id={id} className="dialog__title">
          {title}
        </h2>
        <button
          type="button"
          className="button button--quiet button--icon button--small"
          aria-label="Close"
          onClick={close}
        >
          <Icon name="close" size={14} />
        </button>
      </header>
      {children}
    </dialog>
  );
}

const FIRST_FIELD = "form input, form textarea, form select, form [type=submit]";

function outside(at: { clientX: number; clientY: number }, dialog: HTMLElement | null): boolean {
  const box = dialog?.getBoundingClientRect();
  if (!box) return false;
  const { clientX: x, clientY: y } = at;
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}

export function DialogNotice(): ReactElement | null {
  const notice = useEditor((state) => state.notice);
  if (notice?.tone !== "error") return null;
  return (
    <p className="notice notice--error" role="alert">
      <Icon name="warning" /> <span className="notice__body">{notice.text}</span>
    </p>
  );
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
