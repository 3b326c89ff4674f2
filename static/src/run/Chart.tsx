import { memo, useMemo, useRef } from "react";
import type { GraphDocument } from "../model/document";
import { t } from "../words/t";
import { axisFor, type Bar, lengthUpTo, type Timeline } from "./lanes";
import { Pieces } from "./pieces";
import { statusWord } from "./statusWords";
import type { RunStore } from "./store";
import { useNow } from "./useRun";
import { duration, moment, titleOf } from "./words";

const LANE = 14;
const MOST_LANES = 6;

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

/** The visits of a run as bars on a line of time. */
export const Chart = memo(function Chart(props: ChartProps) {
  const { store, chart, seq, document, selected, onBar } = props;
  const end = useEnd(props.live, props.last);
  const length = lengthUpTo(end, chart.start);
  const height = Math.min(MOST_LANES, Math.max(1, chart.lanes)) * LANE + 4;
  const marked =
    seq === null ? null : (Date.parse(momentTime(store, seq)) - (end - length)) / length;
  const steps = useMemo(() => new Set(chart.bars.map((bar) => bar.node)).size, [chart]);
  const axis = axisFor(length);
  return (
    <div className="rp-chart">
      <span className="rp-chart__edge">{moment(0, length)}</span>
      <svg
        className="rp-chart__svg"
        height={height}
        role="img"
        aria-label={t("{visits} visits of {steps} steps in {time}", {
          visits: chart.bars.length,
          steps,
          time: duration(length),
        })}
      >
        {/* biome-ignore lint/a11y/noSvgWithoutTitle: a part of the picture around it */}
        <svg width={percent(axis / Math.max(1, length))}>
          <AllBars
            bars={chart.bars}
            axis={axis}
            document={document}
            selected={selected}
            onBar={onBar}
          />
        </svg>
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

interface BarsProps extends Pick<ChartProps, "document" | "selected" | "onBar"> {
  readonly bars: readonly Bar[];
  readonly axis: number;
}

/** All of the bars, in pieces. The clock leaves them alone until the axis is another one. */
const AllBars = memo(function AllBars({ bars, ...props }: BarsProps) {
  const pieces = useRef(new Pieces<Bar>()).current.update(bars);
  return pieces.map((piece, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a piece is known by its place
    <Bars key={index} bars={piece} {...props} />
  ));
});

/** Some of the bars; drawn anew only when something in them changed. */
const Bars = memo(function Bars({ bars, axis, document, selected, onBar }: BarsProps) {
  return bars.map((bar) => (
    <ChartBar
      key={bar.key}
      bar={bar}
      axis={axis}
      title={`${titleOf(document, bar.node)}, ${statusWord(bar.status)}`}
      dimmed={selected !== null && bar.node !== selected}
      onBar={onBar}
    />
  ));
});

interface BarProps {
  readonly bar: Bar;
  readonly axis: number;
  readonly title: string;
  readonly dimmed: boolean;
  readonly onBar: (bar: Bar) => void;
}

function ChartBar({ bar, axis, title, dimmed, onBar }: BarProps) {
  const took = bar.ms === null ? "" : `, ${duration(bar.ms)}`;
  // One that goes on reaches past the end of what is shown, and so grows by itself.
  const to = bar.to ?? axis;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the list of steps does this by keyboard
    <rect
      className="rp-chart__bar"
      data-status={bar.status}
      data-dimmed={dimmed || undefined}
      x={percent(clampShare(bar.from / axis))}
      width={percent(clampShare((to - bar.from) / axis))}
      y={Math.min(bar.lane, MOST_LANES - 1) * LANE + 3}
      height={LANE - 4}
      rx={2}
      onClick={() => onBar(bar)}
    >
      <title>{`${title}${bar.visit > 1 ? `, ${t("visit {n}", { n: bar.visit })}` : ""}${took}`}</title>
    </rect>
  );
}

function momentTime(store: RunStore, seq: number): string {
  return store.record.find(seq)?.ts ?? store.record.head.at ?? "";
}

function clampShare(share: number): number {
  return Math.max(0, Math.min(1, share));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(4)}%`;
}
