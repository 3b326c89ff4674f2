import { type ReactElement, useEffect, useState } from "react";
import { Icon } from "../canvas/icons";
import { addressOf } from "../run/boot";
import { statusWord } from "../run/statusWords";
import { hasEnded } from "../run/view";
import { duration } from "../run/words";
import { t, tn } from "../words/t";
import { closeRun } from "./following";
import { useEditor, useSession } from "./hooks";
import { titleOf } from "./run/pinning";
import { planWords } from "./run/plan";
import { RunLog } from "./run/RunLog";
import { stopRun } from "./running";
import type { RunPanel } from "./state";

/** The run of the draft, below the canvas: what happened, line by line. */
export function RunDrawer(): ReactElement | null {
  const run = useEditor((state) => state.run);
  return run ? <Open run={run} /> : null;
}

function Open({ run }: { run: RunPanel }): ReactElement {
  const session = useSession();
  const { view } = run;
  const ended = hasEnded(view.status);
  const status = run.stopping && !ended ? "cancelling" : view.status;
  const { node } = run.plan;
  return (
    <section className="bottom-panel run-drawer" aria-label={t("Run")}>
      <header className="bottom-panel__head">
        <h2 className="bottom-panel__title">
          <span className={`run-status run-status--${status}`}>{statusWord(status)}</span>
          <Elapsed view={view} />
        </h2>
        <span className="bottom-panel__words">
          {tn("{count} step", "{count} steps", view.steps)}
          {node !== null && run.plan.reach !== "all" && (
            <> · {planWords(run.plan, titleOf(session, node))}</>
          )}
        </span>
        <a className="link-button" href={addressOf(session.boot.urls.run, run.id)}>
          {t("Open the run")} <Icon name="external" size={12} />
        </a>
        {!ended && (
          <button
            type="button"
            className="button button--small button--danger"
            disabled={status === "cancelling"}
            title={t("Stop the run (Ctrl+Alt+Enter)")}
            onClick={() => stopRun(session)}
          >
            <Icon name="stop" size={12} /> {t("Stop")}
          </button>
        )}
        <button
          type="button"
          className="button button--quiet button--icon button--small"
          aria-label={t("Close the run")}
          title={ended ? t("Close") : t("Close; the run goes on")}
          onClick={() => closeRun(session)}
        >
          <Icon name="close" size={14} />
        </button>
      </header>
      {run.notice && <p className="run-drawer__notice">{run.notice}</p>}
      {view.error && (
        <p className="run-drawer__error" role="alert">
          <Icon name="warning" size={14} />
          <span>
            <strong>{view.error.code}</strong> {view.error.message}
          </span>
          {view.error.node && (
            <button
              type="button"
              className="link-button"
              onClick={() => {
                session.goTo(view.error?.node ?? "");
                session.focusField("first");
              }}
            >
              {t("Open {name}", { name: titleOf(session, view.error.node) })}
            </button>
          )}
        </p>
      )}
      {!view.error && view.reason && <p className="run-drawer__notice">{view.reason}</p>}
      <RunLog key={run.id} run={run} />
    </section>
  );
}

function Elapsed({ view }: { view: RunPanel["view"] }): ReactElement | null {
  const [, tick] = useState(0);
  const running = view.startedAt !== null && view.endedAt === null && !hasEnded(view.status);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => tick((turn) => turn + 1), 500);
    return () => clearInterval(timer);
  }, [running]);
  const from = Date.parse(view.startedAt ?? view.createdAt ?? "");
  const to = view.endedAt ? Date.parse(view.endedAt) : Date.now();
  if (Number.isNaN(from)) return null;
  return <span className="run-status__time">{duration(Math.max(0, to - from))}</span>;
}
