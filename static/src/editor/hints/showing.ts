import { t } from "../../words/t";
import type { Session } from "../session";
import { keepHintsSeen } from "./seen";

/** Bring the hints back, for whoever put them away too soon. */
export function showHints(session: Session): void {
  keepHintsSeen(false);
  session.store.set({ hints: true, drawer: "steps" });
  session.say(t("The hints are at the foot of the list of steps"));
}
