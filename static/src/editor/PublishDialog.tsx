import { type ReactElement, useCallback, useEffect, useState } from "react";
import { Icon } from "../canvas/icons";
import { t } from "../words/t";
import { type DraftChanges, sentence } from "./api";
import { Dialog, DialogNotice } from "./Dialog";
import { DraftChangesList } from "./DraftChanges";
import { useEditor, useFieldId, useSession } from "./hooks";
import { problemsTitle } from "./problemWords";
import { PinsLeftOut } from "./run/PinsLeftOut";
import { publish } from "./running";

type Looked = DraftChanges | { readonly failed: string } | null;

/** Makes the draft the next version, of which one has seen what it changes and who changed it. */
export function PublishDialog(): ReactElement {
  const session = useSession();
  const [note, setNote] = useState("");
  const id = useFieldId("note");
  const busy = useEditor((state) => state.starting);
  const problems = useEditor((state) => state.problems);
  const published = useEditor((state) => state.published);
  const errors = problems.some((problem) => problem.severity === "error");
  const [looked, setLooked] = useState<Looked>(null);
  const [held, setHeld] = useState<string | null>(null);
  const look = useCallback(async () => {
    try {
      await session.saver.flush();
      setLooked(await session.api.changes());
    } catch (error) {
      setLooked({ failed: sentence(error) });
    }
  }, [session]);
  useEffect(() => {
    // Why a run was refused, say, is nothing about publishing.
    session.tell(null);
    void look();
  }, [session, look]);
  const submit = async () => {
    // Only what was shown is published: somebody may be quick, or somebody else have saved since.
    if (!looked) {
      return setHeld(t("Look at what the draft changes first, then publish."));
    }
    await session.saver.flush();
    const seen = "rev" in looked ? looked.rev : session.saver.rev;
    if (seen === session.saver.rev) {
      await publish(session, note);
    } else {
      setHeld(t("The draft was saved meanwhile. Look at what it changes now, then publish."));
      await look();
    }
  };
  return (
    <Dialog title={t("Publish version {number}", { number: (published?.number ?? 0) + 1 })} wide>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p className="dialog__words">
          {t("A published version never changes. New runs use it; the draft goes on from here.")}
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
                {t("Show")}
              </button>
            </span>
          </p>
        )}
        <PinsLeftOut />
        <div className="field">
          <label className="field__label" htmlFor={id}>
            {t("What changed (may be left out)")}
          </label>
          <input
            id={id}
            className="input"
            value={note}
            maxLength={200}
            onChange={(event) => setNote(event.target.value)}
          />
        </div>
        {held && (
          <p className="notice notice--warning" role="alert">
            <Icon name="warning" />
            <span className="notice__body">{held}</span>
          </p>
        )}
        <Changes looked={looked} />
        <DialogNotice />
        <div className="form__actions">
          <button
            type="submit"
            className="button button--primary"
            disabled={errors}
            aria-disabled={busy || !looked}
          >
            {busy ? t("Publishing…") : t("Publish")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Changes({ looked }: { looked: Looked }): ReactElement {
  if (looked === null) return <p className="dialog__words">{t("Looking at what changed…")}</p>;
  if ("failed" in looked) {
    return (
      <p className="notice notice--warning">
        <Icon name="warning" />
        <span className="notice__body">
          {t("What changed cannot be shown: {error}", { error: looked.failed })}
        </span>
      </p>
    );
  }
  return <DraftChangesList found={looked} />;
}
