import { memo, useMemo } from "react";
import { RunCanvas } from "../canvas/RunCanvas";
import type { GraphDocument } from "../model/document";
import { t } from "../words/t";
import { edgeStates, nodeStates, runStates } from "./canvasStates";
import { Icon } from "./Icon";
import { Outline } from "./Outline";
import type { RunView } from "./view";

interface CanvasProps {
  readonly document: GraphDocument;
  readonly view: RunView;
  /** A node, or the edge when the id is one. */
  readonly selected: string | null;
  readonly outline: boolean;
  readonly onOutline: (on: boolean) => void;
  readonly onSelect: (id: string | null) => void;
}

/** The graph with what the run did to it, as a picture or as a list. */
export const CanvasPane = memo(function CanvasPane({
  document,
  view,
  selected,
  outline,
  onOutline,
  onSelect,
}: CanvasProps) {
  const states = useMemo(() => runStates(view), [view]);
  return (
    <section className="rp-canvas" aria-label={t("Workflow")}>
      <div className="segments rp-canvas__switch">
        <button
          type="button"
          className="segments__item"
          aria-pressed={!outline}
          onClick={() => onOutline(false)}
        >
          <Icon name="map" /> {t("Canvas")}
        </button>
        <button
          type="button"
          className="segments__item"
          aria-pressed={outline}
          onClick={() => onOutline(true)}
        >
          <Icon name="list" /> {t("Outline")}
        </button>
      </div>
      {outline ? (
        <Outline
          document={document}
          nodes={nodeStates(view, document)}
          edges={edgeStates(view, document)}
          selected={selected}
          onSelect={onSelect}
        />
      ) : (
        <div className="rp-canvas__stage">
          <RunCanvas document={document} states={states} selected={selected} onSelect={onSelect} />
        </div>
      )}
    </section>
  );
});
