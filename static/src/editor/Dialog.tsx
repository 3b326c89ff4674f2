import { type ReactElement, type ReactNode, useLayoutEffect, useRef } from "react";
import { Icon } from "../canvas/icons";
import { titleOf } from "../run/words";
import { t } from "../words/t";
import { useEditor, useFieldId, useSession } from "./hooks";

interface DialogProps {
  readonly title: string;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/**
 * A native modal dialog: the browser keeps the keyboard inside and Escape closes it. A button that is
 * busy is only called disabled: one that is would lose the keyboard, and a refusal find it nowhere.
 */
export function Dialog({ title, wide, children }: DialogProps): ReactElement {
  const session = useSession();
  const ref = useRef<HTMLDialogElement>(null);
  const id = useFieldId("dialog");
  // Closing gives the keyboard back to where it was, which works only while the dialog is there.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>(FIRST_FIELD)?.focus();
    return () => {
      dialog?.close();
      // What had the keyboard may be gone, like the menu that the dialog was opened from: then it is
      // still in the dialog, which goes, or nowhere.
      const held = document.activeElement;
      if (held === document.body || dialog?.contains(held))
        queueMicrotask(() => session.backToCanvas());
    };
  }, [session]);
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
      onMouseDown={(event) => {
        // The second press of a double click on the button that opened it is not meant for it.
        if (event.detail > 1) return;
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
          aria-label={t("Close")}
          onClick={close}
        >
          <Icon name="close" size={14} />
        </button>
      </header>
      {children}
    </dialog>
  );
}

const FIRST_FIELD =
  "[data-first], form input:not([type=radio], [type=checkbox], [type=file]), form textarea, form select, form [type=submit]";

function outside(at: { clientX: number; clientY: number }, dialog: HTMLElement | null): boolean {
  const box = dialog?.getBoundingClientRect();
  if (!box) return false;
  const { clientX: x, clientY: y } = at;
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}

export function DialogNotice(): ReactElement | null {
  const session = useSession();
  const notice = useEditor((state) => state.notice);
  if (notice?.tone !== "error") return null;
  return (
    <p
      className="notice notice--error"
      role="alert"
      // A form may be longer than the window, and it is told at its end.
      ref={(element) => element?.scrollIntoView({ block: "nearest" })}
    >
      <Icon name="warning" />{" "}
      <span className="notice__body">
        {notice.text}{" "}
        {notice.node && (
          <button
            type="button"
            className="link-button"
            onClick={() => {
              session.store.set({ dialog: null, notice: null });
              session.goTo(notice.node ?? "");
              session.focusField("first");
            }}
          >
            {t("Open {name}", { name: titleOf(session.document, notice.node) })}
          </button>
        )}
      </span>
    </p>
  );
}
