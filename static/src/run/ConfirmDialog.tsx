import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { t } from "../words/t";

interface ConfirmProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly action: string;
  /** Runs while the dialog stays open; what it throws is shown in it. */
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

/** A question before something that cannot be taken back. Escape and Keep close it. */
export function ConfirmDialog({ title, children, action, onConfirm, onClose }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => dialog.current?.showModal(), []);

  async function confirm() {
    setBusy(true);
    setProblem(null);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  }

  return (
    <dialog ref={dialog} className="dialog" aria-labelledby={heading} onClose={onClose}>
      <h2 id={heading}>{title}</h2>
      <p className="dialog__text">{children}</p>
      {problem && (
        <p className="field__error" role="alert">
          {problem}
        </p>
      )}
      <div className="dialog__actions">
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          {t("Keep it running")}
        </button>
        <button type="button" className="button button--danger" disabled={busy} onClick={confirm}>
          {action}
        </button>
      </div>
    </dialog>
  );
}
