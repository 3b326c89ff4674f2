import type { ReactElement } from "react";
import { Icon } from "../canvas/icons";
import { hasNodes } from "../model/document";
import { t } from "../words/t";
import { addFromPalette, type Offer, offersOf, openChooser } from "./adding";
import { useEditor, useSession } from "./hooks";
import { openImport } from "./importing";
import type { Session } from "./session";

/** Steps that many workflows begin with, the first three that this studio has. */
const BEGINNINGS = ["tool:json.parse", "tool:text.fill", "type:human", "type:set"];
const SUGGESTED = 3;

/** Over a canvas without steps: ways to begin. */
export function EmptyStage(): ReactElement | null {
  const session = useSession();
  const empty = useEditor((state) => !hasNodes(state.document));
  const choosing = useEditor((state) => state.choosing);
  if (!empty || choosing) return null;
  return (
    <div className="empty-stage">
      <p className="empty-stage__words">
        {session.canEdit
          ? t("Drag a step here, or press N.")
          : t("This workflow has no steps yet.")}
      </p>
      {session.canEdit && <Beginnings session={session} />}
    </div>
  );
}

function Beginnings({ session }: { session: Session }): ReactElement {
  return (
    <>
      <p className="empty-stage__more">{t("The first step you add is where runs start.")}</p>
      <button
        type="button"
        className="button button--primary"
        onClick={() => openChooser(session, {})}
      >
        {t("Add the first step")}
      </button>
      <div className="empty-stage__offers" role="group" aria-label={t("Or begin with")}>
        {beginnings(session).map((offer) => (
          <button
            key={offer.key}
            type="button"
            className="button button--small"
            title={offer.summary}
            onClick={() => addFromPalette(session, offer.key)}
          >
            <Icon name={offer.icon} size={12} /> {offer.title}
          </button>
        ))}
      </div>
      <p className="empty-stage__else">
        <a className="link-button" href={`${session.boot.urls.workflows}new`}>
          {t("Look at the templates")}
        </a>
        <button type="button" className="link-button" onClick={() => openImport(session)}>
          {t("Import a file")}
        </button>
      </p>
    </>
  );
}

function beginnings(session: Session): readonly Offer[] {
  const offers = new Map(offersOf(session).map((offer) => [offer.key, offer]));
  return BEGINNINGS.flatMap((key) => offers.get(key) ?? []).slice(0, SUGGESTED);
}
