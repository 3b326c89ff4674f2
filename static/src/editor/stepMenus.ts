import { selectNode } from "../model/selection";
import type { Session } from "./session";
import type { MenuPlace } from "./state";

/** Open the menu of a step, where the pointer is or beside what has the keyboard. */
export function openStepMenu(session: Session, node: string, at: MenuPlace["at"]): void {
  if (!session.state.selection.nodes.has(node)) session.select(selectNode(node));
  session.store.set({ stepMenu: { node, at }, choosing: null });
}
