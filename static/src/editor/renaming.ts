/** Giving a step or a group another title where it stands. A step's id, which expressions use, stays. */
import * as edits from "../model/edits";
import { onlyNode } from "../model/selection";
import { groupOfMark, markOf } from "../model/shown";
import { t } from "../words/t";
import type { Session } from "./session";

/** Open the field for the selected step. */
export function beginRename(session: Session): void {
  const { selection } = session.state;
  if (selection.focus?.kind === "group") {
    if (session.mayEdit()) session.store.set({ renaming: markOf(selection.focus.id) });
    return;
  }
  const focused = selection.focus?.kind === "node" ? selection.focus.id : null;
  const id = onlyNode(selection) ?? focused;
  if (id === null || !session.mayEdit()) return;
  const box = session.boxOf(id);
  if (box) session.camera?.reveal(box);
  session.store.set({ renaming: id, choosing: null, connecting: null });
}

/** @param text the new title; null leaves the old one. An empty title, or the id, takes it away */
export function renamed(session: Session, id: string, text: string | null): void {
  session.store.set({ renaming: null });
  const title = text?.trim();
  const group = groupOfMark(id);
  if (title !== undefined && group !== null) {
    session.edit(
      edits.nameGroup(group, title),
      title ? t("Group named {title}", { title }) : t("Group without a title"),
    );
  } else if (title !== undefined) {
    session.edit(
      edits.setNode(id, "title", title && title !== id ? title : undefined),
      t("Renamed to {name}", { name: title || id }),
    );
  }
  session.focus(id);
}
