import { useEffect, useRef } from "react";
import type { GraphDocument } from "../model/document";
import { Icon } from "./Icon";
import { StatusIcon, statusWord } from "./StatusIcon";
import type { Activation } from "./view";
import { decisionInWords, duration, plural, titleOf } from "./words";

interface StepListProps {
  readonly document: GraphDocument;
  readonly visits: readonly Activation[];
  readonly current: Activation | null;
  readonly onPick: (visit: Activation) => void;
}

/** Every visit in the order they began, with what it wrote and which way it chose. */
export function StepList({ document, visits, current, onPick }: StepListProps) {
  const list = useRef<HTMLOListElement>(null);
  const key = current ? `${current.node}#${current.visit}` : "";
  useEffect(() => {
    const item = list.current?.querySelector<HTMLElement>(`[data-step="${CSS.escape(key)}"]`);
    if (item) scrollInside(item);
  }, [key]);
  if (visits.length === 0) return <p className="rp-empty">No step has started yet.</p>;
  return (
    <ol className="rp-steps" ref={list}>
      {visits.map((visit) => (
        <Step
          key={`${visit.node}#${visit.visit}`}
          document={document}
          visit={visit}
          current={visit.node === current?.node && visit.visit === current.visit}
          onPick={onPick}
        />
      ))}
    </ol>
  );
}

/** Bring an item into sight inside its own scroller; the page itself stays where it is. */
function scrollInside(item: HTMLElement): void {
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
              <span className="visually-hidden"> visits</span>
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
  const tries = visit.tries > 1 ? [plural(visit.tries, "try", "tries")] : [];
  const wrote = visit.wrote.length > 0 ? [`wrote ${visit.wrote.join(", ")}`] : [];
  const chose = visit.decisions.filter((each) => each.taken && each.when).map(decisionInWords);
  return [...tries, ...wrote, ...chose].join(" · ");
}
