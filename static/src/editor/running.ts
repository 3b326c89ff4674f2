/** Publishing, and running the draft or a part of it. */
import { hasNodes } from "../model/document";
import { hasEnded } from "../run/view";
import { t } from "../words/t";
import { nodeOf, sentence } from "./api";
import { loadLater } from "./LaterPart";
import { stepAtHand, titleOf } from "./run/pinning";
import { bodyOf, planWords, type Reach, type RunWish, WHOLE } from "./run/plan";
import type { Session } from "./session";

/** Ask what the run begins with: of all of the draft, or of a part at the step at hand. */
export function askToRun(session: Session, reach: Reach = "all"): void {
  if (session.runRefusal !== null) {
    session.tell({ tone: "info", text: session.runRefusal });
    return;
  }
  if (!hasNodes(session.document)) {
    session.say(t("There is nothing to run yet"));
    return;
  }
  const node = stepAtHand(session);
  if (node === null && reach !== "all") {
    session.say(t("Select the step first"));
    return;
  }
  const plan = reach === "all" ? { ...WHOLE, node } : { reach, node };
  session.store.set({ dialog: "run", plan, choosing: null, connecting: null, notice: null });
}

/** Save the draft, then run it as it was wished. True when the run was started. */
export async function startRun(session: Session, wish: RunWish): Promise<boolean> {
  if (session.state.starting) return false;
  session.store.set({ starting: true, notice: null });
  try {
    if (!(await session.saver.flush())) {
      throw new Error(
        t("The draft could not be saved, so it was not run. See the save state above."),
      );
    }
    const run = await session.api.startRun(bodyOf(wish), idempotencyKey());
    const { follow } = await loadLater();
    follow(session, run.id, session.document, wish.plan);
    session.store.set({ dialog: null });
    const { reach, node } = wish.plan;
    session.say(
      reach === "all" || node === null
        ? t("Run started")
        : t("Run started: {plan}", { plan: planWords(wish.plan, titleOf(session, node)) }),
    );
    return true;
  } catch (error) {
    const node = nodeOf(error);
    const known = node !== null && Object.hasOwn(session.document.nodes, node);
    session.tell({ tone: "error", text: sentence(error), ...(known ? { node } : {}) });
    return false;
  } finally {
    session.store.set({ starting: false });
  }
}

/** A second click of an impatient hand must not start a second run. */
function idempotencyKey(): string {
  return typeof crypto.randomUUID === "function"
    ? crypto.randomUUID()
    : `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}

/** Ask for the end. What the page says changes at once, and back if the server will not. */
export function stopRun(session: Session): void {
  const { run } = session.state;
  if (!run || run.stopping || hasEnded(run.view.status)) return;
  const mark = (stopping: boolean) => {
    const now = session.state.run;
    if (now?.id === run.id) session.store.set({ run: { ...now, stopping } });
  };
  mark(true);
  session.say(t("Stopping the run"));
  session.api.cancelRun(run.id).catch((error: unknown) => {
    mark(false);
    session.tell({ tone: "error", text: sentence(error) });
  });
}

export function publishSoon(session: Session): void {
  if (session.mayEdit()) session.store.set({ dialog: "publish" });
}

/** Save the draft and make it the next version. */
export async function publish(session: Session, note: string): Promise<boolean> {
  if (session.state.starting) return false;
  session.store.set({ starting: true, notice: null });
  try {
    if (!(await session.saver.flush())) {
      throw new Error(t("The draft could not be saved, so it was not published."));
    }
    const published = await session.api.publish(session.saver.rev, note);
    session.store.set({ published, fresh: true, dialog: null });
    const text = t("Published as version {number}", { number: published.number });
    session.tell({ tone: "success", text });
    session.say(text);
    return true;
  } catch (error) {
    session.tell({ tone: "error", text: sentence(error) });
    session.store.set({ showProblems: true });
    return false;
  } finally {
    session.store.set({ starting: false });
  }
}
