import { type ReactElement, useEffect, useRef, useState } from "react";
import { Icon } from "../canvas/icons";
import { placed } from "../canvas/placed";
import { DocumentError, type GraphDocument, toDocument } from "../model/document";
import * as edits from "../model/edits";
import type { Problem } from "../model/problems";
import { NOTHING } from "../model/selection";
import { t, tn } from "../words/t";
import { sentence } from "./api";
import { Dialog, DialogNotice } from "./Dialog";
import { useEditor, useFieldId, useSession } from "./hooks";
import { offerFile } from "./offerFile";
import type { Session } from "./session";

type Read =
  | { readonly kind: "none" }
  | { readonly kind: "reading" }
  | {
      readonly kind: "read";
      readonly document: GraphDocument;
      readonly problems: readonly Problem[];
    }
  | { readonly kind: "refused"; readonly problems: readonly Problem[] }
  | { readonly kind: "failed"; readonly words: string };

const READ_AFTER = 300;

/** A document from a file or a text: in place of the draft, or as a workflow of its own. */
export function ImportDialog(): ReactElement {
  const session = useSession();
  const given = useEditor((state) => state.importing);
  const [text, setText] = useState(given.text);
  const [busy, setBusy] = useState(false);
  const read = useRead(session, text);
  const id = useFieldId("import");
  const file = useRef<HTMLInputElement>(null);
  useEffect(() => setText(given.text), [given]);
  const ready = read.kind === "read";
  const asNew = async () => {
    if (busy) return;
    setBusy(true);
    try {
      const made = await session.api.importText(text);
      location.assign(`${session.boot.urls.workflows}${made}/edit`);
    } catch (error) {
      session.tell({ tone: "error", text: sentence(error) });
      setBusy(false);
    }
  };
  return (
    <Dialog title={t("Import a workflow")} wide>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready || busy) return;
          if (session.canEdit) replaceDraft(session, read.document);
          else void asNew();
        }}
      >
        <div className="import__head">
          <p className="dialog__words">
            {given.name
              ? `“${given.name}”`
              : t("A document in JSON or YAML, also in the demo’s format.")}
          </p>
          <button
            type="button"
            className="button button--small"
            onClick={() => file.current?.click()}
          >
            {t("Choose a file…")}
          </button>
          <input
            ref={file}
            type="file"
            hidden
            accept=".json,.yaml,.yml,application/json"
            onChange={(event) => {
              const chosen = event.target.files?.[0];
              if (chosen) void offerFile(session, chosen);
              event.target.value = "";
            }}
          />
        </div>
        <div className="field">
          <label className="visually-hidden" htmlFor={id}>
            {t("Text of the document")}
          </label>
          <textarea
            id={id}
            className="textarea form-area form-area--code import__text"
            rows={12}
            spellCheck={false}
            value={text}
            placeholder={t("Paste the text of a document, or drop a file.")}
            aria-describedby={`${id}-verdict`}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <div id={`${id}-verdict`} aria-live="polite">
          <Verdict read={read} />
        </div>
        <DialogNotice />
        <div className="form__actions">
          {session.canEdit && (
            <button
              type="submit"
              className="button button--primary"
              disabled={!ready}
              aria-disabled={busy}
            >
              {t("Replace this draft")}
            </button>
          )}
          <button
            type={session.canEdit ? "button" : "submit"}
            className={session.canEdit ? "button" : "button button--primary"}
            disabled={!ready}
            aria-disabled={busy}
            onClick={session.canEdit ? () => void asNew() : undefined}
          >
            {t("Make a new workflow of it")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** One edit, so that one undo brings the draft back. The workflow keeps its own key and name. */
function replaceDraft(session: Session, document: GraphDocument): void {
  const { key, name } = session.document;
  const next = placed({ ...document, key, name });
  session.store.set({ dialog: null });
  const said = t("The draft was replaced. Undo brings it back.");
  if (session.edit(edits.replace(t("import a document"), next), said)) {
    session.tell({ tone: "success", text: said });
    session.select(NOTHING);
    // Who chose that has said that the steps of the draft may go.
    session.saver.confirmShrink();
    // Once it is drawn: the camera of a graph of this size may be another one.
    requestAnimationFrame(() => session.camera?.begin(next));
  }
  session.backToCanvas();
}

/** What the server reads in the text, shortly after the last letter. */
function useRead(session: Session, text: string): Read {
  const [read, setRead] = useState<Read>({ kind: "none" });
  useEffect(() => {
    if (!text.trim()) {
      setRead({ kind: "none" });
      return;
    }
    let alive = true;
    setRead({ kind: "reading" });
    const timer = setTimeout(() => {
      session.api.readText(text).then(
        ({ document, problems }) => {
          if (alive) setRead(readOf(document, problems));
        },
        (error: unknown) => {
          if (alive) setRead({ kind: "failed", words: sentence(error) });
        },
      );
    }, READ_AFTER);
    return () => {
      alive = false;
      clearTimeout(timer);
    };
  }, [session, text]);
  return read;
}

/** The server reads drafts that no canvas can show, with what is wrong in them. */
function readOf(document: unknown, problems: readonly Problem[]): Read {
  if (document === null) return { kind: "refused", problems };
  try {
    return { kind: "read", document: toDocument(document), problems };
  } catch (error) {
    if (error instanceof DocumentError) return { kind: "refused", problems };
    throw error;
  }
}

const MOST = 8;

function Verdict({ read }: { read: Read }): ReactElement | null {
  if (read.kind === "none") return null;
  if (read.kind === "reading") return <p className="field__help">{t("Reading…")}</p>;
  if (read.kind === "refused" || read.kind === "failed") {
    return (
      <div className="notice notice--error">
        <Icon name="warning" />
        <div className="notice__body">
          {read.kind === "failed" ? read.words : t("There is no document in this text.")}
          {read.kind === "refused" && <Places items={read.problems} />}
        </div>
      </div>
    );
  }
  const { document, problems } = read;
  const errors = problems.filter((problem) => problem.severity === "error");
  const size = t("{steps} and {connections}", {
    steps: tn("{count} step", "{count} steps", Object.keys(document.nodes).length),
    connections: tn("{count} connection", "{count} connections", document.edges.length),
  });
  const name = typeof document.name === "string" && document.name ? `“${document.name}”, ` : "";
  return (
    <div className={errors.length ? "notice notice--warning" : "notice"}>
      <Icon name={errors.length ? "warning" : "check"} />
      <div className="notice__body">
        {name}
        {size}.{" "}
        {errors.length > 0 &&
          tn(
            "It can be imported; before it can run, {count} error must be mended:",
            "It can be imported; before it can run, {count} errors must be mended:",
            errors.length,
          )}
        <Places items={errors} />
      </div>
    </div>
  );
}

function Places({ items }: { items: readonly Problem[] }): ReactElement | null {
  if (items.length === 0) return null;
  return (
    <ul className="notice__list">
      {items.slice(0, MOST).map((each) => (
        <li key={`${each.pointer} ${each.message}`}>
          {each.pointer && <code>{each.pointer}</code>} {each.message}
        </li>
      ))}
      {items.length > MOST && <li>{t("and {count} more", { count: items.length - MOST })}</li>}
    </ul>
  );
}
