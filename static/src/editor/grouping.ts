/** Grouping steps, taking them out again, closing a group to one box and opening it. */
import type { GroupEditing } from "../canvas/GroupFrames";
import * as edits from "../model/edits";
import { freshGroupId, groupName, groupOf, groupsOf, wholeGroups } from "../model/groups";
import { selectGroup } from "../model/selection";
import { markOf } from "../model/shown";
import { t, tn } from "../words/t";
import type { Session } from "./session";

/** Put the selected steps into a group of their own, and ask for its title. */
export function groupSelected(session: Session): void {
  const { nodes } = session.state.selection;
  if (nodes.size === 0) {
    session.say(t("Select the steps first that belong together"));
    return;
  }
  const id = freshGroupId(session.document);
  const said = tn(
    "Grouped {count} step. Write a title, then press Enter",
    "Grouped {count} steps. Write a title, then press Enter",
    nodes.size,
  );
  if (!session.edit(edits.group(id, nodes), said)) return;
  session.select(selectGroup(session.document, id));
  session.store.set({ renaming: markOf(id) });
}

/** Dissolve the groups that are selected as a whole; else take the selected steps out of theirs. */
export function ungroupSelected(session: Session): void {
  const { nodes } = session.state.selection;
  const { document } = session;
  const whole = wholeGroups(document, nodes);
  const [first] = nodes;
  const said = whole.length ? t("Ungrouped") : t("Taken out of the group");
  if (session.edit(edits.ungroup(whole, whole.length ? new Set() : nodes), said)) {
    if (first !== undefined) session.focus(first);
  } else if (session.canEdit) session.say(t("The selected steps are in no group"));
}

/** The group that what is selected is about: its frame, or that of the selected step. */
export function groupHere(session: Session): string | null {
  const { focus, nodes } = session.state.selection;
  if (focus?.kind === "group" && groupsOf(session.document).has(focus.id)) return focus.id;
  const [first] = nodes;
  return first === undefined ? null : groupOf(session.document, first);
}

/** Close the group to one box, or open it; the keyboard stays with it. */
export function toggleGroup(session: Session, id: string | null = groupHere(session)): void {
  const group = id === null ? undefined : groupsOf(session.document).get(id);
  if (id === null || !group) return;
  const said = group.collapsed
    ? t("{group} opened", { group: groupName(group) })
    : t("{group} closed", { group: groupName(group) });
  if (!session.look(edits.collapse(id, !group.collapsed), said)) return;
  goToGroup(session, id);
}

/** Select a group and give its frame or box the keyboard. */
export function goToGroup(session: Session, id: string): void {
  const group = groupsOf(session.document).get(id);
  if (!group) return;
  session.select(selectGroup(session.document, id));
  session.focus(markOf(id));
}

export function groupEditing(session: Session): GroupEditing {
  return {
    onRename: (id) => session.store.set({ renaming: markOf(id) }),
    onDissolve: (id) => {
      session.select(selectGroup(session.document, id));
      ungroupSelected(session);
    },
  };
}
