/** Pinning what a step gave, and letting it work again. */
import { nodeLook } from "../../canvas/look";
import type { Json } from "../../model/document";
import * as edits from "../../model/edits";
import { pinRefusal, pinsOf } from "../../model/pins";
import { t } from "../../words/t";
import { loadLater } from "../LaterPart";
import type { Session } from "../session";

/** The step that a key is about: the only one that is selected, or the one that has the keyboard. */
export function stepAtHand(session: Session): string | null {
  const { nodes, focus } = session.state.selection;
  if (nodes.size > 1) return null;
  const [only] = nodes;
  return only ?? (focus?.kind === "node" ? focus.id : null);
}

export function titleOf(session: Session, id: string): string {
  const spec = session.document.nodes[id];
  return spec ? nodeLook(id, spec, session.looks).title : id;
}

/** Pin the last output of the step at hand, or take its pin away. */
export async function togglePin(session: Session): Promise<void> {
  const id = stepAtHand(session);
  if (id === null || !session.mayEdit()) return;
  if (Object.hasOwn(pinsOf(session.document), id)) unpin(session, id);
  else await (await loadLater()).pinLastOutput(session, id);
}

export function unpin(session: Session, id: string): void {
  session.edit(
    edits.pin(id, undefined),
    t("{step} is not pinned any more", { step: titleOf(session, id) }),
  );
}

/** True when the value was pinned; else the person was told why not. */
export function pinValue(session: Session, id: string, value: Json, typing = false): boolean {
  const refused = pinRefusal(value);
  if (refused !== null) {
    session.tell({ tone: "error", text: refused });
    return false;
  }
  const said = typing
    ? null
    : t("Pinned. {step} is not called in test runs", { step: titleOf(session, id) });
  session.edit(edits.pin(id, value), said, typing ? `pin ${id}` : null);
  return true;
}

/** Put the keyboard into the pinned value of the step, or on the way to write one. */
export function openPin(session: Session, id: string): void {
  session.goTo(id);
  session.focusField("pin");
}
