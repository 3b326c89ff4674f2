import {
  type KeyboardEvent,
  memo,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { GraphDocument } from "../model/document";
import { t, tn } from "../words/t";
import { downloadLogText, downloadRun } from "./download";
import { Icon } from "./Icon";
import { LogLine } from "./LogLine";
import type { Level } from "./lineWords";
import { FilteredLog, type LogRow } from "./logLines";
import type { RouteState } from "./route";
import type { RunStore } from "./store";
import { useVirtualRows } from "./useVirtualRows";

const ROW = 20;

interface LogProps {
  readonly store: RunStore;
  readonly version: number;
  readonly document: GraphDocument;
  readonly node: string | null;
  readonly seq: number | null;
  readonly live: boolean;
  readonly failed: boolean;
  readonly log: RouteState["log"];
  readonly onLog: (log: RouteState["log"]) => void;
  readonly onSeq: (seq: number) => void;
  readonly onProblem: (message: string) => void;
}

/** The log of the run: filtered, followed, and drawn only where it is seen. */
export const LogPane = memo(function LogPane(props: LogProps) {
  const { store, version, log, live, seq } = props;
  // A run that failed says why in its last lines.
  const [follow, setFollow] = useState(seq === null && (live || props.failed));
  const [wrap, setWrap] = useState(false);
  const onlyNode = log.onlyNode ? props.node : null;
  const filtered = useMemo(
    () => new FilteredLog({ level: log.level, search: log.search, node: onlyNode }),
    [log.level, log.search, onlyNode],
  );
  const all = store.rows;
  const rows = filtered.update(all);
  const filterKey = `${log.level}|${onlyNode ?? ""}|${log.search}`;
  const unseen = useUnseen(rows.length, follow);
  return (
    <section className="rp-log" aria-label={t("Log")} data-version={version}>
      <Toolbar
        {...props}
        shown={rows.length}
        all={all.length}
        follow={follow}
        wrap={wrap}
        onFollow={setFollow}
        onWrap={setWrap}
      />
      <Rows
        {...props}
        rows={rows}
        filterKey={filterKey}
        follow={follow}
        wrap={wrap}
        onFollow={setFollow}
        onWrap={setWrap}
      />
      {unseen > 0 && (
        <button
          type="button"
          className="button button--small rp-log__more"
          onClick={() => setFollow(true)}
        >
          <Icon name="follow" /> {tn("{count} new line", "{count} new lines", unseen)}
        </button>
      )}
    </section>
  );
});

/** Lines that came since the reader stopped following. */
function useUnseen(count: number, follow: boolean): number {
  const left = useRef(count);
  if (follow || count < left.current) left.current = count;
  return count - left.current;
}

interface Switches {
  readonly follow: boolean;
  readonly wrap: boolean;
  readonly onFollow: (on: boolean) => void;
  readonly onWrap: (on: boolean) => void;
}

const LEVELS: readonly (readonly [Level, string])[] = [
  ["debug", t("All lines")],
  ["info", t("Info and up")],
  ["warning", t("Warnings")],
  ["error", t("Errors")],
];

function Toolbar(props: LogProps & Switches & { shown: number; all: number }) {
  const { log, onLog, node, shown, all } = props;
  const id = useId();
  const count =
    shown === all
      ? tn("{count} line", "{count} lines", all)
      : tn("{shown} of {count} line", "{shown} of {count} lines", all, { shown });
  return (
    <div className="rp-log__bar">
      <h2 className="rp-log__title">{t("Log")}</h2>
      <span className="rp-count" aria-live="off">
        {count}
      </span>
      <div className="search rp-log__search">
        <Icon name="search" />
        <label className="visually-hidden" htmlFor={id}>
          {t("Search the log")}
        </label>
        <input
          id={id}
          className="input"
          type="search"
          placeholder={t("Search")}
          value={log.search}
          onChange={(event) => onLog({ ...log, search: event.target.value })}
        />
      </div>
      <select
        className="select rp-log__level"
        aria-label={t("Least level")}
        value={log.level}
        onChange={(event) => onLog({ ...log, level: event.target.value as Level })}
      >
        {LEVELS.map(([level, label]) => (
          <option key={level} value={level}>
            {label}
          </option>
        ))}
      </select>
      <Toggle
        label={t("This step")}
        icon="map"
        on={log.onlyNode}
        disabled={node === null}
        onToggle={(onlyNode) => onLog({ ...log, onlyNode })}
      />
      <Toggle label={t("Follow")} icon="follow" on={props.follow} onToggle={props.onFollow} />
      <Toggle label={t("Wrap")} icon="wrap" on={props.wrap} onToggle={props.onWrap} />
      <Download store={props.store} onProblem={props.onProblem} />
    </div>
  );
}

function Toggle(props: {
  label: string;
  icon: Parameters<typeof Icon>[0]["name"];
  on: boolean;
  disabled?: boolean;
  onToggle: (on: boolean) => void;
}) {
  return (
    <button
      type="button"
      className="button button--small rp-toggle"
      aria-pressed={props.on}
      disabled={props.disabled}
      onClick={() => props.onToggle(!props.on)}
    >
      <Icon name={props.icon} /> <span>{props.label}</span>
    </button>
  );
}

function Download({ store, onProblem }: Pick<LogProps, "store" | "onProblem">) {
  const whole = () => downloadRun(store).catch((error: Error) => onProblem(error.message));
  return (
    <details className="menu rp-log__download">
      <summary className="button button--small" aria-label={t("Download the log")}>
        <Icon name="download" />
      </summary>
      <div className="menu__list rp-menu--up">
        <button type="button" className="menu__item" onClick={() => downloadLogText(store)}>
          {t("Text, every line")}
        </button>
        <button type="button" className="menu__item" onClick={whole}>
          {t("JSON, the whole run")}
        </button>
      </div>
    </details>
  );
}

function Rows(props: LogProps & Switches & { rows: readonly LogRow[]; filterKey: string }) {
  const { rows, follow, wrap, seq, version } = props;
  const id = useId();
  const jumping = useRef(false);
  const virtual = useVirtualRows({
    count: rows.length,
    rowHeight: ROW,
    measured: wrap,
    atEnd: follow,
    key: props.filterKey,
    onScroll: (atEnd) => {
      if (jumping.current) jumping.current = false;
      else if (!atEnd && follow) props.onFollow(false);
    },
  });
  const { scrollToEnd, scrollToRow } = virtual;
  const drawnUpTo = follow ? `${version}:${rows.length}:${virtual.total}` : null;
  // To scroll is to lay out the page: once, when all that the event changes has been drawn.
  useLayoutEffect(() => {
    if (drawnUpTo === null) return;
    let frame = requestAnimationFrame(() => {
      jumping.current = true;
      scrollToEnd();
      frame = requestAnimationFrame(() => {
        jumping.current = false;
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [drawnUpTo, scrollToEnd]);
  const current = seq === null ? -1 : lastUpTo(rows, seq);
  useEffect(() => {
    if (current >= 0) scrollToRow(current);
  }, [current, scrollToRow]);

  function onKeyDown(event: KeyboardEvent) {
    const moved = moveBy(event.key, current < 0 ? rows.length : current, rows.length);
    const row = moved === null ? undefined : rows[moved];
    if (row) props.onSeq(row.seq);
    else if (event.key === "f") props.onFollow(!follow);
    else if (event.key === "w") props.onWrap(!wrap);
    else return;
    event.preventDefault();
  }

  const drawn = rows.slice(virtual.from, virtual.to);
  return (
    <div
      className="rp-log__view"
      data-wrap={wrap || undefined}
      ref={virtual.viewport}
      role="listbox"
      aria-label={t("Log lines; F follows, W wraps, arrows step through time")}
      aria-activedescendant={current >= 0 ? `${id}-${current}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      {rows.length === 0 && (
        <p className="rp-empty rp-log__none">
          {props.log.search || props.log.onlyNode || props.log.level !== "debug"
            ? t("No line passes the filter.")
            : t("No lines yet.")}
        </p>
      )}
      <div className="rp-log__all" style={{ height: virtual.total }}>
        <div className="rp-log__rows" style={{ top: virtual.offset(virtual.from) }}>
          {drawn.map((row, index) => {
            const at = virtual.from + index;
            return (
              <LogLine
                key={at}
                id={`${id}-${at}`}
                row={row}
                place={at}
                count={rows.length}
                wrap={wrap}
                current={at === current}
                later={seq !== null && row.seq > seq}
                search={props.log.search}
                measure={virtual.measure}
                onSeq={props.onSeq}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

function moveBy(key: string, current: number, count: number): number | null {
  if (key === "ArrowUp") return Math.max(0, current - 1);
  if (key === "ArrowDown") return Math.min(count - 1, current + 1);
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return null;
}

/** The last row whose event is not after `seq`. */
function lastUpTo(rows: readonly LogRow[], seq: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
