/** What runs and stops the draft or a part of it, by name. */
import { hasNodes } from "../../model/document";
import { pinnable, pinsOf } from "../../model/pins";
import { hasEnded } from "../../run/view";
import { t } from "../../words/t";
import type { EditorCommand } from "../commands";
import { askToRun, stopRun } from "../running";
import type { Session } from "../session";
import { stepAtHand, togglePin } from "./pinning";

const filled = (session: Session) => hasNodes(session.document);
const atStep = (session: Session) => stepAtHand(session) !== null;
const isPinned = (session: Session, id: string | null) =>
  id !== null && Object.hasOwn(pinsOf(session.document), id);

/** What is about one step; the menu of a step has these. */
export const STEP_COMMANDS: readonly EditorCommand[] = [
  {
    id: "run-only",
    title: t("Run this step"),
    keys: "",
    also: "only test node alone",
    fits: atStep,
    run: (session) => askToRun(session, "only"),
  },
  {
    id: "run-to",
    title: t("Run to here"),
    keys: "Shift+Enter",
    also: "up to test node",
    fits: atStep,
    run: (session) => askToRun(session, "to"),
  },
  {
    id: "run-from",
    title: t("Run from here"),
    keys: "",
    also: "test node again",
    fits: atStep,
    run: (session) => askToRun(session, "from"),
  },
  {
    id: "pin",
    title: t("Pin the last output"),
    keys: "P",
    also: "mock freeze data",
    edits: true,
    fits(session) {
      const id = stepAtHand(session);
      const spec = id === null ? undefined : session.document.nodes[id];
      return spec !== undefined && pinnable(spec) && !isPinned(session, id);
    },
    run: (session) => void togglePin(session),
  },
  {
    id: "unpin",
    title: t("Unpin the output"),
    keys: "P",
    also: "mock freeze data",
    edits: true,
    fits: (session) => isPinned(session, stepAtHand(session)),
    run: (session) => void togglePin(session),
  },
];

export const RUN_COMMANDS: readonly EditorCommand[] = [
  {
    id: "run",
    title: t("Run the draft"),
    keys: "Ctrl+Enter",
    also: "test all",
    fits: filled,
    run: (session) => askToRun(session),
  },
  {
    id: "stop",
    title: t("Stop the run"),
    keys: "Ctrl+Alt+Enter",
    also: "cancel",
    fits: ({ state }) => state.run !== null && !hasEnded(state.run.view.status),
    run: stopRun,
  },
  ...STEP_COMMANDS,
];
