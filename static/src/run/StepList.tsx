import { memo, useEffect, useRef } from "react";
import type { GraphDocument } from "../model/document";
import { t, tn } from "../words/t";
import { Icon } from "./Icon";
import { Pieces, pieceOf, placeOf } from "./pieces";
import { StatusIcon } from "./StatusIcon";
import { statusWord } from "./statusWords";
import type { Activation } from "./view";
import { decisionInWords, duration, titleOf } from "./words";

interface StepListProps {
  readonly document: GraphDocument;
  readonly visits: readonly Activation[];
  readonly current: Activation | null;
  readonly onPick: (visit: Activation) => void;
}

/** Every visit in the order they began, with what it wrote and which way it chose. */
export function StepList({ document, visits, current, onPick }: StepListProps) {
  const list = useRef<HTMLDivElement>(null);
  const pieces = useRef(new Pieces<Activation>()).current.update(visits);
  const at = current ? visits.lastIndexOf(current) : -1;
  const key = current ? `${current.node}#${current.visit}` : "";
  // biome-ignore lint/correctness/useExhaustiveDependencies: another step is gone to, not another place
  useEffect(() => {
    // With the frame that shows it: before, it would cost a layout of the page of its own.
    const frame = requestAnimationFrame(() => {
      const item = at < 0 ? null : list.current?.children[pieceOf(at)]?.children[placeOf(at)];
      if (item) scrollInside(item);
    });
    return () => cancelAnimationFrame(frame);
  }, [key]);
  if (visits.length === 0) return <p className="rp-empty">{t("No step has started yet.")}</p>;
  return (
    <div className="rp-steps" ref={list}>
      {pieces.map((piece, index) => (
        <Piece
          // biome-ignore lint/suspicious/noArrayIndexKey: a piece is known by its place
          key={index}
          document={document}
          visits={piece}
          current={current && piece.includes(current) ? current : null}
          onPick={onPick}
        />
      ))}
    </div>
  );
}

/** What a row takes until it was drawn, in pixels. */
const ROW = 48;

/** Some of the visits: drawn anew only when something in it changed, laid out only when seen. */
const Piece = memo(function Piece({ document, visits, current, onPick }: StepListProps) {
  return (
    <ol
      className="rp-steps__piece"
      style={{ containIntrinsicHeight: `auto ${visits.length * ROW}px` }}
    >
      {visits.map((visit) => (
        <Step
          key={`${visit.node}#${visit.visit}`}
          document={document}
          visit={visit}
          current={visit === current}
          onPick={onPick}
        />
      ))}
    </ol>
  );
});

/** Bring an item into sight inside its own scroller; the page itself stays where it is. */
function scrollInside(item: Element): void {
  const box = item.closest<HTMLElement>("[role=tabpanel]");
  if (!box) return;
  const inner = item.getBoundingClientRect();
  const outer = box.getBoundingClientRect();
  if (inner.top < outer.top) box.scrollTop -= outer.top - inner.top;
  else if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom;
}

function Step(props: {
  document: GraphDocument;
  visit: Activation;
  current: boolean;
  onPick: (visit: Activation) => void;
}) {
  const { document, visit, current } = props;
  return (
    <li className="rp-step" data-step={`${visit.node}#${visit.visit}`}>
      <button
        type="button"
        className="rp-step__button"
        aria-current={current ? "step" : undefined}
        onClick={() => props.onPick(visit)}
      >
        <StatusIcon status={visit.status} />
        <span className="rp-step__name">
          {titleOf(document, visit.node)}
          {visit.visit > 1 && (
            <span className="rp-step__visit">
              <Icon name="loop" />
              {visit.visit}
              <span className="visually-hidden"> {t("visits")}</span>
            </span>
          )}
        </span>
        <span className="rp-step__time">
          {visit.ms === null ? statusWord(visit.status) : duration(visit.ms)}
        </span>
        <span className="rp-step__note">{noteOf(visit)}</span>
      </button>
    </li>
  );
}

/** One line under the name: the error, else the writes and the condition that was true. */
function noteOf(visit: Activation): string {
  if (visit.error && visit.status !== "ok") return visit.error.message;
  const tries = visit.tries > 1 ? [tn("{count} try", "{count} tries", visit.tries)] : [];
  const wrote = visit.wrote.length > 0 ? [t("wrote {keys}", { keys: visit.wrote.join(", ") })] : [];
  const chose = visit.decisions.filter((each) => each.taken && each.when).map(decisionInWords);
  return [...tries, ...wrote, ...chose].join(" · ");
}
