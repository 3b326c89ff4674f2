import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import type { GraphDocument } from "../model/document";
import { t } from "../words/t";
import { Chart } from "./Chart";
import { Icon } from "./Icon";
import { type Bar, timeline } from "./lanes";
import { describe } from "./lineWords";
import { Names } from "./names";
import { momentIndex } from "./record";
import type { RunStore } from "./store";
import { hasEnded, type RunView } from "./view";
import { moment, titleOf } from "./words";

/** While playing, each moment stays this long, in milliseconds. */
const PLAY_MS = 450;

interface ScrubberProps {
  readonly store: RunStore;
  readonly document: GraphDocument;
  /** The run at its end. */
  readonly head: RunView;
  readonly seq: number | null;
  readonly selected: string | null;
  readonly onSeq: (seq: number | null) => void;
  readonly onBar: (bar: Bar) => void;
  /** The keys `[` `]` and Shift+`]` work while the focus is in here. */
  readonly area: RefObject<HTMLElement | null>;
}

/** The journal as a line of time: bars of the steps, a slider over its moments, and a player. */
export function Scrubber(props: ScrubberProps) {
  const { store, head, seq, onSeq } = props;
  const { moments } = store.record;
  const at = momentIndex(moments, seq ?? store.record.last);
  const live = !hasEnded(head.status);
  const chart = useMemo(() => timeline(head), [head]);
  const step = (by: number) => onSeq(moments[clamp(at + by, moments.length - 1)] ?? null);
  const [playing, setPlaying] = usePlayer(at, moments.length, () => step(1));
  const toggle = () => {
    if (!playing && at >= moments.length - 1) onSeq(moments[0] ?? null);
    setPlaying(!playing);
  };
  useKeys(props.area, { back: () => step(-1), forward: () => step(1), play: toggle });
  return (
    <section className="rp-scrub" aria-label={t("Timeline")}>
      <Chart
        store={store}
        document={props.document}
        seq={seq}
        selected={props.selected}
        onBar={props.onBar}
        chart={chart}
        live={live}
        last={head.at}
      />
      <div className="rp-scrub__row">
        <Button name="first" label={t("To the start")} onClick={() => onSeq(moments[0] ?? null)} />
        <Button name="back" label={t("One moment back, [")} onClick={() => step(-1)} />
        <Button
          name={playing ? "pause" : "play"}
          label={playing ? t("Stop playing") : t("Play, Shift+]")}
          onClick={toggle}
        />
        <Button name="forward" label={t("One moment on, ]")} onClick={() => step(1)} />
        <input
          className="rp-scrub__slider"
          type="range"
          aria-label={t("Moment of the run")}
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
          <Icon name="last" /> {live ? t("Live") : t("End")}
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

/** The moment in words, for a screen reader that moves the slider. */
function momentWords(props: ScrubberProps, at: number): string {
  const { store, document } = props;
  const event = store.record.find(store.record.moments[at] ?? 0);
  if (!event) return t("Before the first event");
  const who = event.node ? `${titleOf(document, event.node)}: ` : "";
  return t("{what}, moment {n} of {all}", {
    what: `${who}${describe(event, new Names(document)).text}`,
    n: at + 1,
    all: store.record.moments.length,
  });
}

function where(props: ScrubberProps, at: number): string {
  const { store, head } = props;
  const event = store.record.find(store.record.moments[at] ?? 0);
  const start = Date.parse(head.createdAt ?? "");
  if (!event || Number.isNaN(start)) return `${at + 1}/${store.record.moments.length}`;
  const from = Date.parse(event.ts) - start;
  const length = hasEnded(head.status) ? Date.parse(head.at ?? "") - start : Infinity;
  return `${moment(from, length)} · ${at + 1}/${store.record.moments.length}`;
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}
