import type { GraphDocument } from "../model/document";
import type { NodeState } from "../model/runstate";
import { t, tn } from "../words/t";
import { Icon } from "./Icon";
import { StatusIcon } from "./StatusIcon";
import { statusWord } from "./statusWords";
import { duration, titleOf } from "./words";

interface OutlineProps {
  readonly document: GraphDocument;
  readonly nodes: Readonly<Record<string, NodeState>>;
  readonly edges: Readonly<Record<string, { readonly taken: number }>>;
  readonly selected: string | null;
  readonly onSelect: (node: string) => void;
}

/** The graph as a list: the same steps and ways as the canvas, for small screens and readers. */
export function Outline({ document, nodes, edges, selected, onSelect }: OutlineProps) {
  return (
    <ol className="rp-outline" aria-label={t("Steps of the workflow")}>
      {Object.keys(document.nodes).map((id) => (
        <li key={id}>
          <button
            type="button"
            className="rp-outline__step"
            aria-current={id === selected ? "true" : undefined}
            onClick={() => onSelect(id)}
          >
            <StatusIcon status={nodes[id]?.status ?? "idle"} />
            <b>{titleOf(document, id)}</b>
            <span className="rp-outline__facts">{facts(nodes[id])}</span>
          </button>
          <ul className="rp-outline__ways">
            {document.edges
              .filter((edge) => edge.from === id)
              .map((edge) => (
                <li key={edge.id} data-taken={(edges[edge.id]?.taken ?? 0) > 0 || undefined}>
                  <Icon name="forward" />
                  {titleOf(document, edge.to)}
                  {edge.when && <code>{edge.when}</code>}
                  {edge.else && <i>{t("otherwise")}</i>}
                  {edge.on && edge.on !== "ok" && <i>{t("on {on}", { on: edge.on })}</i>}
                  {(edges[edge.id]?.taken ?? 0) > 0 && <span>×{edges[edge.id]?.taken}</span>}
                </li>
              ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

function facts(node: NodeState | undefined): string {
  if (!node) return statusWord("idle");
  const count = node.count > 1 ? `, ${tn("{count} time", "{count} times", node.count)}` : "";
  const took = node.ms === null ? "" : `, ${duration(node.ms)}`;
  return `${statusWord(node.status)}${count}${took}`;
}
