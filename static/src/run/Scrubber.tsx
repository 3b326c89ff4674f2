import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import type { GraphDocument } from "../model/document";
import { Icon } from "./Icon";
import { type Bar, type Timeline, timeline } from "./lanes";
import { momentIndex } from "./record";
import { statusWord } from "./StatusIcon";
import type { RunStore } from "./store";
import { hasEnded, type RunView } from "./view";
import { describe, duration, offset, titleOf } from "./words";

const LANE = 14;
const MOST_LANES = 6;
/** While playing, each moment stays this long, in milliseconds. */
const PLAY_MS = 450;

interface ScrubberProps {
  readonly store: RunStore;
  readonly document: GraphDocument;
  /** The run at its end. */
  readonly head: RunView;
  readonly seq: number | null;
  readonly now: number;
  readonly selected: string | null;
  readonly onSeq: (seq: number | null) => void;
  readonly onBar: (bar: Bar) => void;
  /** The keys `[` `]` and Shift+`]` work while the focus is in here. */
  readonly area: RefObject<HTMLElement | null>;
}

/** The journal as a line of time: bars of the steps, a slider over its moments, and a player. */
export function Scrubber(props: ScrubberProps) {
  const { store, head, seq, now, onSeq } = props;
  const { moments } = store.record;
  const at = momentIndex(moments, seq ?? store.record.last);
  const live = !hasEnded(head.status);
  const end = live ? Math.max(now, Date.parse(head.at ?? "") || 0) : Date.parse(head.at ?? "");
  // While the run goes on the axis grows; a second is fine enough and spares the drawing.
  const rounded = live ? Math.ceil(end / 1000) * 1000 : end;
  const chart = useMemo(() => timeline(head, rounded), [head, rounded]);
  const step = (by: number) => onSeq(moments[clamp(at + by, moments.length - 1)] ?? null);
  const [playing, setPlaying] = usePlayer(at, moments.length, () => step(1));
  const toggle = () => {
    if (!playing && at >= moments.length - 1) onSeq(moments[0] ?? null);
    setPlaying(!playing);
  };
  useKeys(props.area, { back: () => step(-1), forward: () => step(1), play: toggle });
  return (
    <section className="rp-scrub" aria-label="Timeline">
      <Chart {...props} chart={chart} end={rounded} />
      <div className="rp-scrub__row">
        <Button name="first" label="To the start" onClick={() => onSeq(moments[0] ?? null)} />
        <Button name="back" label="One moment back, [" onClick={() => step(-1)} />
        <Button
          name={playing ? "pause" : "play"}
          label={playing ? "Stop playing" : "Play, Shift+]"}
          onClick={toggle}
        />
        <Button name="forward" label="One moment on, ]" onClick={() => step(1)} />
        <input
          className="rp-scrub__slider"
          type="range"
          aria-label="Moment of the run"
          aria-valuetext={momentWords(props, at)}
          min={0}
          max={Math.max(0, moments.length - 1)}
          value={Math.max(0, at)}
          onChange={(event) => onSeq(moments[Number(event.target.value)] ?? null)}
        />
        <span className="rp-scrub__where">{where(props, at)}</span>
        <button
          type="button"
          className="button button--small"
          aria-pressed={seq === null}
          onClick={() => onSeq(seq === null ? store.record.last : null)}
        >
          <Icon name="last" /> {live ? "Live" : "End"}
        </button>
      </div>
    </section>
  );
}

/** Keys of the timeline; text fields keep their own. */
function useKeys(
  area: ScrubberProps["area"],
  actions: { back: () => void; forward: () => void; play: () => void },
) {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const element = area.current;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTextField(event.target)) return;
      const act = KEYS[event.key];
      if (!act) return;
      event.preventDefault();
      latest.current[act]();
    };
    element?.addEventListener("keydown", onKey);
    return () => element?.removeEventListener("keydown", onKey);
  }, [area]);
}

const KEYS: Readonly<Record<string, "back" | "forward" | "play">> = {
  "[": "back",
  "]": "forward",
  "}": "play",
};

function isTextField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.matches("input:not([type=range]), textarea, select")
  );
}

function usePlayer(at: number, count: number, step: () => void) {
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    if (!playing) return;
    if (at >= count - 1) {
      setPlaying(false);
      return;
    }
    const timer = setTimeout(step, PLAY_MS);
    return () => clearTimeout(timer);
  });
  return [playing, setPlaying] as const;
}

function Chart(props: ScrubberProps & { chart: Timeline; end: number }) {
  const { chart, seq, end, document, selected, onBar } = props;
  const lanes = Math.min(MOST_LANES, Math.max(1, chart.lanes));
  const height = lanes * LANE + 4;
  const from = end - chart.length;
  const marked = seq === null ? null : (Date.parse(momentTime(props, seq)) - from) / chart.length;
  const nodes = new Set(chart.bars.map((bar) => bar.node)).size;
  return (
    <div className="rp-chart">
      <span className="rp-chart__edge">{offset(0)}</span>
      <svg
        className="rp-chart__svg"
        height={height}
        role="img"
        aria-label={`${chart.bars.length} visits of ${nodes} steps in ${duration(chart.length)}`}
      >
        {chart.bars.map((bar) => (
          <ChartBar
            key={bar.key}
            bar={bar}
            title={`${titleOf(document, bar.node)}, ${statusWord(bar.status)}`}
            dimmed={selected !== null && bar.node !== selected}
            onBar={onBar}
          />
        ))}
        {marked !== null && Number.isFinite(marked) && (
          <line
            className="rp-chart__now"
            x1={percent(clampShare(marked))}
            x2={percent(clampShare(marked))}
            y1={0}
            y2={height}
          />
        )}
      </svg>
      <span className="rp-chart__edge">{offset(chart.length)}</span>
    </div>
  );
}

function ChartBar(props: { bar: Bar; title: string; dimmed: boolean; onBar: (bar: Bar) => void }) {
  const { bar, title, dimmed } = props;
  const took = bar.ms === null ? "" : `, ${duration(bar.ms)}`;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the list of steps does this by keyboard
    <rect
      className="rp-chart__bar"
      data-status={bar.status}
      data-dimmed={dimmed || undefined}
      x={percent(bar.from)}
      width={percent(Math.max(0, bar.to - bar.from))}
      y={Math.min(bar.lane, MOST_LANES - 1) * LANE + 3}
      height={LANE - 4}
      rx={2}
      onClick={() => props.onBar(bar)}
    >
      <title>{`${title}${bar.visit > 1 ? `, visit ${bar.visit}` : ""}${took}`}</title>
    </rect>
  );
}

function Button(props: {
  name: Parameters<typeof Icon>[0]["name"];
  label: string;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      className="button button--quiet button--icon button--small"
      aria-label={props.label}
      title={props.label}
      onClick={props.onClick}
    >
      <Icon name={props.name} />
    </button>
  );
}

function momentTime({ store }: ScrubberProps, seq: number): string {
  return store.record.find(seq)?.ts ?? store.record.head.at ?? "";
}

/** The moment in words, for a screen reader that moves the slider. */
function momentWords(props: ScrubberProps, at: number): string {
  const { store, document } = props;
  const event = store.record.find(store.record.moments[at] ?? 0);
  if (!event) return "Before the first event";
  const who = event.node ? `${titleOf(document, event.node)}: ` : "";
  return `${who}${describe(event).text}, moment ${at + 1} of ${store.record.moments.length}`;
}

function where(props: ScrubberProps, at: number): string {
  const { store, head } = props;
  const event = store.record.find(store.record.moments[at] ?? 0);
  const start = Date.parse(head.createdAt ?? "");
  if (!event || Number.isNaN(start)) return `${at + 1}/${store.record.moments.length}`;
  return `${offset(Date.parse(event.ts) - start)} · ${at + 1}/${store.record.moments.length}`;
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}

function clampShare(share: number): number {
  return Math.max(0, Math.min(1, share));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)}%`;
}
