/** Publishing, running the draft, and following the run on the canvas. */
import { connectRun, type RunLink } from "../live/connectRun";
import type { RunEvent } from "../live/events";
import { linkNotice } from "../live/state";
import type { GraphDocument, Json } from "../model/document";
import { fold } from "../run/fold";
import { LogBook } from "../run/logLines";
import { EMPTY_VIEW, hasEnded } from "../run/view";
import { sentence } from "./api";
import type { Session } from "./session";
import type { RunPanel } from "./state";

export function askToRun(session: Session): void {
  if (Object.keys(session.document.nodes).length === 0) {
    session.say("There is nothing to run yet");
    return;
  }
  session.store.set({ dialog: "run", choosing: null, connecting: null });
}

/** Save the draft, then run it with this first state. True when the run was started. */
export async function startRun(session: Session, state: Json): Promise<boolean> {
  if (session.state.starting) return false;
  session.store.set({ starting: true, notice: null });
  try {
    if (!(await session.saver.flush())) {
      throw new Error("The draft could not be saved, so it was not run. See the save state above.");
    }
    const run = await session.api.startRun(state, idempotencyKey());
    follow(session, run.id, session.document);
    session.store.set({ dialog: null });
    session.say("Run started");
    return true;
  } catch (error) {
    session.tell({ tone: "error", text: sentence(error) });
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

let link: RunLink | null = null;

/** Show a run over the canvas and follow it until it ends or is closed. */
function follow(session: Session, id: string, document: GraphDocument): void {
  link?.close();
  const book = new LogBook();
  const events: RunEvent[] = [];
  let view = EMPTY_VIEW;
  let frame = 0;
  const show = (patch: Partial<RunPanel> = {}) => {
    const run = session.state.run;
    if (run?.id === id) session.store.set({ run: { ...run, ...patch } });
  };
  const refresh = () => {
    frame = 0;
    show({ view, rows: [...book.update(events)] });
  };
  session.store.set({ run: { id, view, rows: [], notice: null, document } });
  link = connectRun(id, {
    after: 0,
    socketPath: `/ws/run/${id}`,
    eventsPath: `${session.boot.urls.api}/runs/${id}/events`,
    onEvents(fresh) {
      events.push(...fresh);
      view = fold(view, fresh);
      // Many events may come within one frame; the page is drawn once for all of them.
      frame ||= requestAnimationFrame(refresh);
    },
    onState: (state) => show({ notice: linkNotice(state) }),
    onEnd: (status) => {
      cancelAnimationFrame(frame);
      refresh();
      session.say(`Run ${status}`);
    },
  });
}

export function stopRun(session: Session): void {
  const { run } = session.state;
  if (!run || hasEnded(run.view.status)) return;
  session.say("Stopping the run");
  session.api.cancelRun(run.id).catch((error: unknown) => {
    session.tell({ tone: "error", text: sentence(error) });
  });
}

/** Take the run off the canvas. It goes on, and has a page of its own. */
export function closeRun(session: Session): void {
  link?.close();
  link = null;
  session.store.set({ run: null });
}

export function publishSoon(session: Session): void {
  if (session.canEdit) session.store.set({ dialog: "publish" });
}

/** Save the draft and make it the next version. */
export async function publish(session: Session, note: string): Promise<boolean> {
  if (session.state.starting) return false;
  session.store.set({ starting: true, notice: null });
  try {
    if (!(await session.saver.flush())) {
      throw new Error("The draft could not be saved, so it was not published.");
    }
    const published = await session.api.publish(session.saver.rev, note);
    session.store.set({ published, fresh: true, dialog: null });
    const text = `Published as version ${published.number}`;
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
