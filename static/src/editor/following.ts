/** The run that is shown over the canvas: followed live, and never in the way of the document. */
import { connectRun, type RunLink } from "../live/connectRun";
import type { RunEvent } from "../live/events";
import { linkNotice } from "../live/state";
import type { GraphDocument } from "../model/document";
import { fold } from "../run/fold";
import { LogBook } from "../run/logLines";
import { statusWord } from "../run/statusWords";
import { EMPTY_VIEW } from "../run/view";
import { titleOf } from "../run/words";
import { t } from "../words/t";
import type { RunPlan } from "./run/plan";
import type { Session } from "./session";
import type { RunPanel } from "./state";

let link: RunLink | null = null;

/** Show a run over the canvas and follow it until it ends or is closed. */
export function follow(session: Session, id: string, document: GraphDocument, plan: RunPlan): void {
  link?.close();
  const book = new LogBook(document);
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
  session.store.set({
    run: { id, plan, view, rows: [], notice: null, document, stopping: false },
    logFilter: { ...session.state.logFilter, node: null, visit: null },
  });
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
      const at = view.error?.node;
      session.say(endWords(status, at ? titleOf(document, at) : null));
    },
  });
}

const endWords = (status: string, node: string | null) =>
  node === null
    ? t("Run {status}", { status: statusWord(status) })
    : t("Run {status} at {node}", { status: statusWord(status), node });

/** Take the run off the canvas. It goes on, and has a page of its own. */
export function closeRun(session: Session): void {
  link?.close();
  link = null;
  session.store.set({ run: null });
}
