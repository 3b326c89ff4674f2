import { type KeyboardEvent, type ReactElement, useEffect, useMemo, useRef, useState } from "react";
import { Marked } from "../../run/LogLine";
import { FilteredLog, type LogRow } from "../../run/logLines";
import { useVirtualRows } from "../../run/useVirtualRows";
import { clock } from "../../run/words";
import { t, tn } from "../../words/t";
import { useEditor, useSession } from "../hooks";
import type { RunPanel } from "../state";
import { LogTools } from "./LogTools";
import { RoundPicker } from "./RoundPicker";
import { roundOf } from "./rounds";

const ROW = 19;

/** What happened in the run, line by line: searched, filtered, and followed while nobody scrolls up. */
export function RunLog({ run }: { run: RunPanel }): ReactElement {
  const filter = useEditor((state) => state.logFilter);
  const [follow, setFollow] = useState(true);
  const round = roundOf(run.view, filter.node, filter.visit);
  const act = round?.act ?? null;
  const { level, node, search } = filter;
  const filtered = useMemo(
    () => new FilteredLog({ level, node, search, act }),
    [level, node, search, act],
  );
  const rows = filtered.update(run.rows);
  const count =
    rows.length === run.rows.length
      ? tn("{count} line", "{count} lines", rows.length)
      : tn("{shown} of {count} line", "{shown} of {count} lines", run.rows.length, {
          shown: rows.length,
        });
  return (
    <>
      <LogTools run={run} count={count} follow={follow} onFollow={setFollow} />
      <RoundPicker run={run} />
      <Rows
        key={`${run.id} ${level} ${node} ${act} ${search}`}
        rows={rows}
        all={run.rows.length}
        search={search}
        follow={follow}
        onFollow={setFollow}
      />
    </>
  );
}

interface RowsProps {
  readonly rows: readonly LogRow[];
  readonly all: number;
  readonly search: string;
  readonly follow: boolean;
  readonly onFollow: (on: boolean) => void;
}

function Rows({ rows, all, search, follow, onFollow }: RowsProps): ReactElement {
  const session = useSession();
  const request = useEditor((state) => state.logRequest);
  const seen = useRef(request);
  const jumping = useRef(false);
  const virtual = useVirtualRows({
    count: rows.length,
    rowHeight: ROW,
    measured: true,
    atEnd: follow,
    key: "",
    onScroll: (atEnd) => {
      if (jumping.current) jumping.current = false;
      else if (atEnd !== follow) onFollow(atEnd);
    },
  });
  const { viewport, scrollToEnd } = virtual;
  useEffect(() => {
    if (request !== seen.current) viewport.current?.focus();
    seen.current = request;
  }, [request, viewport]);
  const end = follow ? `${rows.length} ${virtual.total}` : null;
  useEffect(() => {
    if (end === null) return;
    jumping.current = true;
    scrollToEnd();
    const settled = requestAnimationFrame(() => {
      jumping.current = false;
    });
    return () => cancelAnimationFrame(settled);
  }, [end, scrollToEnd]);
  const onKeyDown = (event: KeyboardEvent) => {
    const letter = event.key.toLowerCase();
    if (event.key === "Escape" || letter === "l") session.backToCanvas();
    else if (letter === "f") onFollow(!follow);
    else return;
    event.preventDefault();
  };
  return (
    <div
      className="run-log"
      ref={viewport}
      role="log"
      aria-live="off"
      aria-label={t("Log of the run; F follows, L or Escape leads back")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      {rows.length === 0 && (
        <p className="run-log__none">
          {all > 0 ? t("No line passes the filter.") : t("Nothing has happened yet.")}
        </p>
      )}
      <div className="run-log__all" style={{ height: virtual.total }}>
        <div className="run-log__rows" style={{ top: virtual.offset(virtual.from) }}>
          {rows.slice(virtual.from, virtual.to).map((row, index) => {
            const at = virtual.from + index;
            return (
              <div
                className={`run-log__row run-log__row--${row.level}`}
                key={at}
                ref={(element) => virtual.measure(at, element)}
              >
                <span className="run-log__time">{row.follows ? "" : clock(row.ts)}</span>
                <About row={row} />
                <span className="run-log__text">
                  <Marked text={row.text} search={search.trim()} />
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function About({ row }: { row: LogRow }): ReactElement {
  const session = useSession();
  const { node, step } = row;
  if (row.follows) return <span className="run-log__node" />;
  if (!node) return <span className="run-log__node">{t("run")}</span>;
  return (
    <button
      type="button"
      className="run-log__node"
      tabIndex={-1}
      title={t("Show {node}", { node: step ?? node })}
      onClick={() => session.goTo(node)}
    >
      {step}
    </button>
  );
}
