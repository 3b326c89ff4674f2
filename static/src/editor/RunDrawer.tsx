import { type ReactElement, useEffect, useRef, useState } from "react";
import { Icon } from "../canvas/icons";
import { addressOf } from "../run/boot";
import type { LogRow } from "../run/logLines";
import { hasEnded } from "../run/view";
import { clock, duration } from "../run/words";
import { useEditor, useSession } from "./hooks";
import { closeRun, stopRun } from "./running";
import type { RunPanel } from "./state";

/** The run of the draft, below the canvas: what happened, line by line. */
export function RunDrawer(): ReactElement | null {
  const run = useEditor((state) => state.run);
  return run ? <Open run={run} /> : null;
}

const SHOWN = 400;

function Open({ run }: { run: RunPanel }): ReactElement {
  const session = useSession();
  const { view } = run;
  const ended = hasEnded(view.status);
  const rows = run.rows.slice(-SHOWN);
  return (
    <section className="bottom-panel run-drawer" aria-label="Run">
      <header className="bottom-panel__head">
        <h2 className="bottom-panel__title">
          <span className={`run-status run-status--${view.status}`}>{view.status}</span>
          <Elapsed view={view} />
        </h2>
        <span className="bottom-panel__words">
          {view.steps} {view.steps === 1 ? "step" : "steps"}
        </span>
        <a className="link-button" href={addressOf(session.boot.urls.run, run.id)}>
          Open the run <Icon name="external" size={12} />
        </a>
        {!ended && (
          <button
            type="button"
            className="button button--small button--danger"
            disabled={view.status === "cancelling"}
            onClick={() => stopRun(session)}
          >
            <Icon name="stop" size={12} /> Stop
          </button>
        )}
        <button
          type="button"
          className="button button--quiet button--icon button--small"
          aria-label="Close the run"
          title={ended ? "Close" : "Close; the run goes on"}
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
              onClick={() => session.goTo(view.error?.node ?? "")}
            >
              Show {view.error.node}
            </button>
          )}
        </p>
      )}
      {!view.error && view.reason && <p className="run-drawer__notice">{view.reason}</p>}
      <Log rows={rows} cut={run.rows.length - rows.length} />
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

/** The last lines; stays at the end while one has not scrolled up. */
function Log({ rows, cut }: { rows: readonly LogRow[]; cut: number }): ReactElement {
  const session = useSession();
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const request = useEditor((state) => state.logRequest);
  const seen = useRef(request);
  useEffect(() => {
    if (request !== seen.current) box.current?.focus();
    seen.current = request;
  }, [request]);
  // Each new line moves the end.
  useEffect(() => {
    const element = box.current;
    if (element && follows.current && rows.length) element.scrollTop = element.scrollHeight;
  }, [rows]);
  return (
    <div
      className="run-log"
      ref={box}
      role="log"
      aria-live="off"
      aria-label="Log of the run"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable
      tabIndex={0}
      onKeyDown={(event) => {
        if (event.key === "Escape") session.backToCanvas();
      }}
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        follows.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
    >
      {cut > 0 && <p className="run-log__cut">{cut} earlier lines are on the run's page.</p>}
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
        <div className={`run-log__row run-log__row--${row.level}`} key={`${row.seq}-${index}`}>
          <span className="run-log__time">{row.follows ? "" : clock(row.ts)}</span>
          {row.node && !row.follows ? (
            <button
              type="button"
              className="run-log__node"
              tabIndex={-1}
              onClick={() => session.goTo(row.node ?? "")}
            >
              {row.node}
            </button>
          ) : (
            <span className="run-log__node">{row.follows ? "" : "run"}</span>
          )}
          <span className="run-log__text">{row.text}</span>
        </div>
      ))}
    </div>
  );
}
