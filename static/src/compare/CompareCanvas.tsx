import { type ReactElement, useCallback, useEffect, useMemo, useState } from "react";
import { CHANGE_SIGN, changeWord } from "../canvas/changeSigns";
import { type Change, type Marks, NO_MARKS } from "../canvas/elements";
import type { ToolLook } from "../canvas/look";
import { RunCanvas } from "../canvas/RunCanvas";
import type { GraphDocument } from "../model/document";
import { t } from "../words/t";

interface Props {
  readonly document: GraphDocument;
  readonly changes: NonNullable<Marks["changes"]>;
  readonly tools: ReadonlyMap<string, ToolLook>;
}

const CHANGES: readonly Change[] = ["added", "removed", "changed"];

/** Both versions as one graph. What is chosen here is shown in the list, and the other way round. */
export function CompareCanvas({ document: graph, changes, tools }: Props): ReactElement {
  const [selected, setSelected] = useState<string | null>(() => firstOf(changes));
  const marks = useMemo(() => ({ ...NO_MARKS, changes }), [changes]);
  const choose = useCallback(
    (id: string | null) => {
      setSelected(id);
      showInList(graph, id);
    },
    [graph],
  );
  useEffect(() => listenToList(setSelected), []);
  return (
    <>
      <div className="compare-canvas">
        <RunCanvas
          document={graph}
          states={null}
          marks={marks}
          tools={tools}
          selected={selected}
          onSelect={choose}
          label={t("Graph with what changed. Arrow keys travel between the steps.")}
        />
      </div>
      <ul className="compare-legend" aria-label={t("Legend")}>
        {CHANGES.map((change) => (
          <li key={change}>
            <span className={`change-sign change-sign--${change}`} aria-hidden="true">
              {CHANGE_SIGN[change]}
            </span>
            {changeWord(change)}
          </li>
        ))}
      </ul>
    </>
  );
}

/** The first step that changed, so that the canvas opens where there is something to see. */
const firstOf = ({ nodes }: Props["changes"]): string | null => [...nodes.keys()][0] ?? null;

/** Mark what the list says of a step or way, and bring it into sight. */
function showInList(graph: GraphDocument, id: string | null): void {
  const kind = id !== null && Object.hasOwn(graph.nodes, id) ? "nodes" : "edges";
  for (const group of document.querySelectorAll<HTMLElement>("[data-part]")) {
    const here = group.dataset.part === `${kind}/${id}`;
    group.toggleAttribute("data-chosen", here);
    if (here) group.scrollIntoView({ block: "nearest" });
  }
}

/** The list has a button for each step and way, which does nothing without the canvas. */
function listenToList(show: (id: string) => void): () => void {
  const buttons = [...document.querySelectorAll<HTMLButtonElement>("[data-show-part]")];
  const stops = buttons.map((button) => {
    const id = (button.dataset.showPart ?? "").replace(/^(nodes|edges)\//, "");
    const click = () => show(id);
    button.hidden = false;
    button.addEventListener("click", click);
    return () => button.removeEventListener("click", click);
  });
  return () => {
    for (const stop of stops) stop();
  };
}
