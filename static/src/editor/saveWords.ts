/** The state of saving in words that are true: where the work is, and what happens next. */

import { t } from "../words/t";
import type { SaveState } from "./saver";

/**
 * @param kept whether this browser holds what the server does not have
 * @param clock a moment as people read it
 */
export function saveWords(state: SaveState, kept: boolean, clock: (iso: string) => string): string {
  const here = kept ? t("Kept on this computer, not on the server") : t("Not saved anywhere");
  switch (state.kind) {
    case "saved":
      return state.at ? t("Saved {moment}", { moment: clock(state.at) }) : t("Saved");
    case "unsaved":
      return kept ? t("Kept on this computer, saving soon") : t("Unsaved changes");
    case "saving":
      return t("Saving…");
    case "offline":
      return t("{place}: retrying", { place: here });
    case "conflict":
      return t("{place}: conflict", { place: here });
    case "shrinks":
      return t("{place}: confirm first", { place: here });
    case "refused":
      return t("{place}: refused", { place: here });
    case "forbidden":
      return t("{place}: you may not change it", { place: here });
    case "readonly":
      return t("Read only");
  }
}

/** Whether the person should look: the work is not on the server, and will not be by itself. */
export function isTrouble(state: SaveState): boolean {
  return ["offline", "conflict", "shrinks", "refused", "forbidden"].includes(state.kind);
}
