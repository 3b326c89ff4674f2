import { useMemo } from "react";
import { RunCanvas } from "../canvas/RunCanvas";
import type { GraphDocument } from "../model/document";
import { edgeStates, nodeStates } from "./canvasStates";
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
export function CanvasPane({
  document,
  view,
  selected,
  outline,
  onOutline,
  onSelect,
}: CanvasProps) {
  const nodes = useMemo(() => nodeStates(view, document), [view, document]);
  const edges = useMemo(() => edgeStates(view, document), [view, document]);
  return (
    <section className="rp-canvas" aria-label="Workflow">
      <div className="segments rp-canvas__switch">
        <button
          type="button"
          className="segments__item"
          aria-pressed={!outline}
          onClick={() => onOutline(false)}
        >
          <Icon name="map" /> Canvas
        </button>
        <button
          type="button"
          className="segments__item"
          aria-pressed={outline}
          onClick={() => onOutline(true)}
        >
          <Icon name="list" /> Outline
        </button>
      </div>
      {outline ? (
        <Outline
          document={document}
          nodes={nodes}
          edges={edges}
          selected={selected}
          onSelect={onSelect}
        />
      ) : (
        <div className="rp-canvas__stage">
          <RunCanvas
            document={document}
            nodeStates={nodes}
            edgeStates={edges}
            selected={selected}
            onSelect={onSelect}
          />
        </div>
      )}
    </section>
  );
}
