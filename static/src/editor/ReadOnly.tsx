import { type ReactElement, useEffect, useRef } from "react";
import { t } from "../words/t";
import { useEditor, useSession } from "./hooks";
import { Quiet, watchHand } from "./refusing";
import type { Session } from "./session";

/** Tells who may only look why a key or a drag changed nothing, once for a whole row of them. */
export function ReadOnly(): ReactElement {
  const session = useSession();
  const { canEdit } = session;
  const refused = useEditor((state) => state.refused);
  const quiet = useRef(new Quiet());
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (refused > 0 && quiet.current.breaks(performance.now())) tellReadOnly(session);
  }, [refused, session]);
  useEffect(() => {
    const host = place.current?.closest(".canvas")?.querySelector<HTMLElement>(".canvas__host");
    return host && !canEdit ? watchHand(host, () => session.mayEdit()) : undefined;
  }, [canEdit, session]);
  return <span ref={place} hidden />;
}

function tellReadOnly(session: Session): void {
  const { save } = session.state;
  if (save.kind === "forbidden") {
    // For eyes a banner stands there already, with what can be done about it.
    session.say(takenAwayWords(save.gone));
    return;
  }
  const why = session.boot.cannot?.edit ?? t("A copy is yours to change.");
  const text = t("Read-only for you, so nothing was changed. {why}", { why });
  session.say(text);
  session.tell({ tone: "info", text });
}

export function takenAwayWords(gone = false): string {
  return gone
    ? t("This workflow was deleted, or is not shared with you any more.")
    : t("You may not change this workflow any more.");
}
