import { type ReactElement, useState } from "react";
import { rich } from "../words/rich";
import { t, tn } from "../words/t";
import { sentence } from "./api";
import { Banner } from "./Banner";
import { useEditor, useSession } from "./hooks";
import { takenAwayWords } from "./ReadOnly";
import { when } from "./when";

/** What stands between the work on the screen and the server, and what can be done about it. */
export function SaveBanners(): ReactElement {
  return (
    <>
      <Conflict />
      <Shrinks />
      <Forbidden />
      <Refused />
      <Restored />
    </>
  );
}

function Conflict(): ReactElement | null {
  const session = useSession();
  const save = useEditor((state) => state.save);
  if (save.kind !== "conflict") return null;
  const { head, conflicts } = save;
  const said =
    head.saved_by === session.boot.user.name
      ? tn(
          "You changed the same field elsewhere too.",
          "You changed the same {count} fields elsewhere too.",
          conflicts.length,
        )
      : tn(
          "{name} and you changed the same field.",
          "{name} and you changed the same {count} fields.",
          conflicts.length,
          { name: head.saved_by ?? t("Somebody") },
        );
  return (
    <Banner tone="warning" alert>
      <span>
        <strong>{said}</strong>{" "}
        {t("Nothing is overwritten until you choose what to keep; everything else is joined.")}
      </span>
      <span className="banner__actions">
        <Action onClick={() => session.store.set({ dialog: "conflict" })}>{t("Choose…")}</Action>
      </span>
    </Banner>
  );
}

function Shrinks(): ReactElement | null {
  const session = useSession();
  const save = useEditor((state) => state.save);
  if (save.kind !== "shrinks") return null;
  return (
    <Banner tone="warning" alert>
      <span>
        <strong>{t("Nearly all steps would be gone from the draft.")}</strong>{" "}
        {t("It was not saved, because a page that is loaded by half looks just so.")}
      </span>
      <span className="banner__actions">
        <Action onClick={() => session.saver.confirmShrink()}>{t("I mean it: save")}</Action>
        <Action onClick={() => session.undo()}>{t("Undo")}</Action>
      </span>
    </Banner>
  );
}

function Forbidden(): ReactElement | null {
  const session = useSession();
  const save = useEditor((state) => state.save);
  const [busy, setBusy] = useState(false);
  if (save.kind !== "forbidden") return null;
  const copy = async () => {
    setBusy(true);
    try {
      const id = await session.api.create(session.document);
      session.forget();
      location.assign(`${session.boot.urls.workflows}${id}/edit`);
    } catch (error) {
      session.tell({ tone: "error", text: sentence(error) });
      setBusy(false);
    }
  };
  return (
    <Banner tone="warning" alert>
      <span>
        <strong>{takenAwayWords(save.gone)}</strong>{" "}
        {t(
          "Your last changes are kept in this browser and were not saved. A copy of your own takes them over.",
        )}
      </span>
      <span className="banner__actions">
        <Action disabled={busy} onClick={() => void copy()}>
          {t("Duplicate with my changes")}
        </Action>
      </span>
    </Banner>
  );
}

/** The server answered, but took nothing: most often because one is signed out. */
function Refused(): ReactElement | null {
  const session = useSession();
  const save = useEditor((state) => state.save);
  if (save.kind !== "refused") return null;
  return (
    <Banner tone="warning" alert>
      <span>
        <strong>{t("The server did not take your last changes.")}</strong> {save.message}
      </span>
      <span className="banner__actions">
        <Action onClick={() => session.saver.retryNow()}>{t("Save again")}</Action>
      </span>
    </Banner>
  );
}

function Restored(): ReactElement | null {
  const session = useSession();
  const found = useEditor((state) => state.found);
  const saved = useEditor((state) => state.save.kind === "saved");
  if (!found) return null;
  const moment = when(found.at);
  if (!found.restored) {
    return (
      <Banner tone="info">
        <span>
          {tn(
            "This browser holds {count} change from {moment} that did not reach the server, made in another tab.",
            "This browser holds {count} changes from {moment} that did not reach the server, made in another tab.",
            found.changes,
            { moment },
          )}
        </span>
        <span className="banner__actions">
          <Action onClick={() => void session.restoreFound()}>{t("Restore")}</Action>
          <Action onClick={() => session.discardFound()}>{t("Discard")}</Action>
        </span>
      </Banner>
    );
  }
  return (
    <Banner tone="info">
      <span>
        {rich(t("{restored} from {moment} that had not reached the server."), {
          restored: (
            <strong>
              {tn("Restored {count} change", "Restored {count} changes", found.changes)}
            </strong>
          ),
          moment,
        })}{" "}
        {saved
          ? tn("It is saved now.", "They are saved now.", found.changes)
          : tn(
              "It is saved as soon as the server takes it.",
              "They are saved as soon as the server takes them.",
              found.changes,
            )}
      </span>
      <span className="banner__actions">
        <Action onClick={() => session.store.set({ found: null })}>{t("Keep")}</Action>
        <Action onClick={() => session.discardFound()}>{t("Discard")}</Action>
      </span>
    </Banner>
  );
}

interface ActionProps {
  readonly onClick: () => void;
  readonly disabled?: boolean;
  readonly children: string;
}

function Action({ onClick, disabled, children }: ActionProps): ReactElement {
  return (
    <button type="button" className="button button--small" disabled={disabled} onClick={onClick}>
      {children}
    </button>
  );
}
