import { memo, useLayoutEffect, useMemo, useRef } from "react";
import type { GraphDocument } from "../model/document";
import { t } from "../words/t";
import { type BarCanvas, barCanvas, type Wish } from "./barCanvas";
import { heightFor } from "./bars";
import { type Bar, lengthUpTo, type Timeline } from "./lanes";
import { statusWord } from "./statusWords";
import type { RunStore } from "./store";
import { useNow } from "./useRun";
import { duration, moment, titleOf } from "./words";

interface ChartProps {
  readonly store: RunStore;
  readonly document: GraphDocument;
  readonly chart: Timeline;
  /** The run goes on, and the axis grows with the time. */
  readonly live: boolean;
  /** When the last event was. */
  readonly last: string | null;
  readonly seq: number | null;
  readonly selected: string | null;
  readonly onBar: (bar: Bar) => void;
}

/**
 * The visits of a run as bars on a line of time. The bars are a picture: readers who cannot see or
 * point at it have the list of steps.
 */
export const Chart = memo(function Chart(props: ChartProps) {
  const { store, chart, seq, document, selected, onBar } = props;
  const end = useEnd(props.live, props.last);
  const length = lengthUpTo(end, chart.start);
  const words = useMemo(() => (bar: Bar) => wordsOf(document, bar), [document]);
  const canvas = useBars({ bars: chart.bars, length, selected, words, onBar });
  const marked =
    seq === null ? null : (Date.parse(momentTime(store, seq)) - (end - length)) / length;
  return (
    <div className="rp-chart">
      <span className="rp-chart__edge">{moment(0, length)}</span>
      <div className="rp-chart__plot" style={{ height: heightFor(chart.lanes) }}>
        <canvas
          ref={canvas}
          className="rp-chart__bars"
          role="img"
          aria-label={t("{visits} visits of {steps} steps in {time}", {
            visits: chart.bars.length,
            steps: chart.steps,
            time: duration(length),
          })}
        />
        {marked !== null && Number.isFinite(marked) && (
          <div
            className="rp-chart__now"
            style={{ left: `${(clampShare(marked) * 100).toFixed(4)}%` }}
          />
        )}
      </div>
      <span className="rp-chart__edge">{moment(length, length)}</span>
    </div>
  );
});

/** So often the axis of a run that goes on grows, in milliseconds. */
const GROW_MS = 1000;

/** The end of the axis, in milliseconds since 1970: a second is fine enough and spares the drawing. */
function useEnd(live: boolean, last: string | null): number {
  const now = useNow(live, GROW_MS);
  const at = Date.parse(last ?? "");
  return live ? Math.ceil(Math.max(now, at || 0) / GROW_MS) * GROW_MS : at;
}

/** The canvas element that shows these bars. */
function useBars(wish: Wish) {
  const element = useRef<HTMLCanvasElement>(null);
  const shown = useRef<BarCanvas | null>(null);
  useLayoutEffect(() => {
    if (!element.current) return;
    const made = barCanvas(element.current);
    shown.current = made;
    return () => made.close();
  }, []);
  useLayoutEffect(() => shown.current?.show(wish));
  return element;
}

function wordsOf(document: GraphDocument, bar: Bar): string {
  const visit = bar.visit > 1 ? `, ${t("visit {n}", { n: bar.visit })}` : "";
  const took = bar.ms === null ? "" : `, ${duration(bar.ms)}`;
  return `${titleOf(document, bar.node)}, ${statusWord(bar.status)}${visit}${took}`;
}

function momentTime(store: RunStore, seq: number): string {
  return store.record.find(seq)?.ts ?? store.record.head.at ?? "";
}

function clampShare(share: number): number {
  return Math.max(0, Math.min(1, share));
}
