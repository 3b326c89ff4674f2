/** The canvas and the outline: two views of one document, one of which is shown. */

import { t } from "../../words/t";
import type { Session } from "../session";

export function toggleOutline(session: Session): void {
  const outline = !session.state.outline;
  session.store.set({ outline, choosing: null, connecting: null, edgeEditor: null });
  session.say(
    outline
      ? t("Outline. Arrow keys go from step to step; Enter edits, N adds, C connects.")
      : t("Canvas"),
  );
  session.focus(focusedStep(session));
}

/** The step that has the keyboard, or the first one. */
function focusedStep({ state, document }: Session): string {
  const { focus } = state.selection;
  if (focus?.kind === "node") return focus.id;
  const edge = document.edges.find((each) => each.id === focus?.id);
  return edge?.from ?? document.entry[0] ?? "";
}
