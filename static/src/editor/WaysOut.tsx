import type { ReactElement } from "react";
import { Icon } from "../canvas/icons";
import { budgetMark, budgetOf, budgetWords } from "../model/budget";
import type { EdgeSpec, GraphDocument, NodeSpec } from "../model/document";
import { edgesByNode, edgeWords, kindOf } from "../model/edges";
import * as edits from "../model/edits";
import { cycleEdges } from "../model/layout";
import { titleOf } from "../run/words";
import { t } from "../words/t";
import { beginConnect } from "./connecting";
import { useSession } from "./hooks";

interface Props {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
}

/** The edges that leave a node, in the order that decides fan-out and first match. */
export function WaysOut({ id, spec, document }: Props): ReactElement | null {
  const session = useSession();
  const outs = edgesByNode(document.edges).get(id) ?? [];
  if (spec.type === "end") return null;
  return (
    <section className="form-group">
      <h3 className="form-group__title">{t("Ways out")}</h3>
      {outs.length === 0 && (
        <p className="field__help">{t("None: this branch of the run ends here.")}</p>
      )}
      <ul className="ways">
        {outs.map((edge, index) => (
          <li className="ways__row" key={edge.id}>
            <button
              type="button"
              className={`ways__edge ways__edge--${kindOf(edge)}`}
              onClick={() => session.goToEdge(edge.id)}
            >
              <Icon name="wire" size={14} />
              <span className="ways__to">{titleOf(document, edge.to)}</span>
              <span className={edge.else ? "ways__when ways__when--else" : "ways__when"}>
                {edgeWords(edge)}
              </span>
              <Rounds edge={edge} document={document} />
            </button>
            <button
              type="button"
              className="mode"
              aria-label={t("Move the way to {to} up", { to: titleOf(document, edge.to) })}
              title={t("Earlier")}
              disabled={!session.canEdit || index === 0}
              onClick={() => session.edit(edits.reorder(edge.id, -1), t("Moved up"))}
            >
              <Icon name="arrowUp" size={12} />
            </button>
            <button
              type="button"
              className="mode"
              aria-label={t("Move the way to {to} down", { to: titleOf(document, edge.to) })}
              title={t("Later")}
              disabled={!session.canEdit || index === outs.length - 1}
              onClick={() => session.edit(edits.reorder(edge.id, 1), t("Moved down"))}
            >
              <Icon name="arrowDown" size={12} />
            </button>
          </li>
        ))}
      </ul>
      {session.canEdit && (
        <button
          type="button"
          className="button button--small"
          onClick={() => {
            session.focus(id);
            beginConnect(session);
          }}
        >
          <Icon name="wire" size={14} /> {t("Connect to…")} <kbd>C</kbd>
        </button>
      )}
    </section>
  );
}

/** How often a way may be taken, as it stands on its label on the canvas. */
function Rounds(props: { edge: EdgeSpec; document: GraphDocument }): ReactElement | null {
  const { edge, document } = props;
  const budget = budgetOf(edge, cycleEdges(document).has(edge.id));
  const mark = budgetMark(budget);
  if (!mark) return null;
  return (
    <span className="ways__rounds" title={budgetWords(budget)}>
      ⟲ {mark}
    </span>
  );
}
