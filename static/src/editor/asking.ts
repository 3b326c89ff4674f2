/** What asks first, or loads first: making a workflow of steps, and the reverse. */

import { t } from "../words/t";
import { loadLater } from "./LaterPart";
import type { Session } from "./session";

/** Ask how the workflow is called that the selected steps become. */
export function askToExtract(session: Session): void {
  if (!session.mayEdit()) return;
  if (session.state.selection.nodes.size === 0) {
    session.say(t("Select the steps first that become a workflow of their own"));
    return;
  }
  session.store.set({ dialog: "extract", notice: null, choosing: null, connecting: null });
}

/** Put the steps of the workflow that the selected step runs in its place. */
export function expandHere(session: Session): void {
  loadLater().then(
    ({ expandSelected }) => expandSelected(session),
    () => session.tell({ tone: "error", text: t("This part of the editor could not be loaded.") }),
  );
}
