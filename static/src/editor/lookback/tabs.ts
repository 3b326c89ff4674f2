/** The parts of the panel of one node. */
import { onlyNode } from "../../model/selection";
import { t } from "../../words/t";
import type { Session } from "../session";

export type NodeTab = "settings" | "input" | "output" | "log";

export const NODE_TABS: readonly (readonly [NodeTab, string])[] = [
  ["settings", t("Settings")],
  ["input", t("Input")],
  ["output", t("Output")],
  ["log", t("Log")],
];

/** Show what the selected step was given, or gave; once more shows its settings again. */
export function toggleTab(session: Session, tab: NodeTab): void {
  const node = onlyNode(session.state.selection);
  if (node === null) {
    session.say(t("Select one step first"));
    return;
  }
  const next = session.state.nodeTab === tab ? "settings" : tab;
  session.store.set({ nodeTab: next, drawer: "inspector" });
  session.say(
    t("{tab} of {step}", { tab: NODE_TABS.find(([each]) => each === next)?.[1] ?? "", step: node }),
  );
}
