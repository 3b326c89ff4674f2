/** One row of the outline: a step, or a way that leads on from it. */
import { type CSSProperties, type ReactElement, useMemo } from "react";
import { Icon, StatusRing } from "../../canvas/icons";
import { nodeLook } from "../../canvas/look";
import { budgetMark, budgetOf } from "../../model/budget";
import { kindOf } from "../../model/edges";
import { groupName, groupOf, groupsOf } from "../../model/groups";
import { cycleEdges } from "../../model/layout";
import { wayWords } from "../../model/outline";
import type { Problem } from "../../model/problems";
import { type NodeState, STATUS_WORDS } from "../../model/runstate";
import { selectEdge } from "../../model/selection";
import { t, tn } from "../../words/t";
import { connectNodes } from "../connecting";
import { useEditor, useSession } from "../hooks";
import type { Session } from "../session";
import { editRow } from "./editRow";
import { type StepRow, stepKey, type WayRow } from "./rows";
import type { Placed } from "./useSeenRows";

const placeOf = ({ top, height }: Placed): CSSProperties => ({ top, height });

type Counts = { readonly errors: number; readonly warnings: number };

/** How many problems each row has. */
export function useMarks(): ReadonlyMap<string, Counts> {
  const problems = useEditor((state) => state.problems);
  return useMemo(() => {
    const marks = new Map<string, { errors: number; warnings: number }>();
    for (const problem of problems) {
      const key = rowKey(problem);
      if (key === null) continue;
      const mark = marks.get(key) ?? { errors: 0, warnings: 0 };
      if (problem.severity === "error") mark.errors += 1;
      else mark.warnings += 1;
      marks.set(key, mark);
    }
    return marks;
  }, [problems]);
}

const rowKey = ({ node, edge }: Problem) =>
  node !== null ? stepKey(node) : edge !== null ? `way ${edge}` : null;

interface ItemProps {
  readonly place: Placed;
  readonly current: boolean;
  readonly problems: Counts | undefined;
}

export function StepItem(
  props: ItemProps & {
    row: StepRow;
    candidate: boolean;
    state: NodeState | undefined;
    onFold: () => void;
  },
): ReactElement {
  const { row, place, current, candidate, problems, state, onFold } = props;
  const session = useSession();
  const spec = useEditor((state) => state.document.nodes[row.id]);
  const entry = useEditor((state) => state.document.entry.includes(row.id));
  const group = useEditor(({ document }) => {
    const found = groupsOf(document).get(groupOf(document, row.id) ?? "");
    return found ? groupName(found) : "";
  });
  if (!spec) return <div />;
  const look = nodeLook(row.id, spec, session.looks);
  const off = spec.disabled === true;
  const words = [
    look.title,
    look.subtitle,
    entry && t("start"),
    group && t("in group {group}", { group }),
    row.apart && t("no way leads here"),
    off && t("switched off"),
    state && STATUS_WORDS[state.status],
    problemWords(problems),
    row.ways === 0 ? t("no way on") : tn("{count} way on", "{count} ways on", row.ways),
  ].filter(Boolean);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around has the keys
    <div
      role="treeitem"
      aria-level={1}
      aria-posinset={row.position}
      aria-setsize={row.count}
      aria-expanded={row.ways > 0 ? row.open : undefined}
      aria-selected={current}
      aria-label={words.join(", ")}
      tabIndex={current ? 0 : -1}
      data-row={row.key}
      style={placeOf(place)}
      className={`outliner__row outliner__step${off ? " outliner__step--off" : ""}${candidate ? " outliner__step--candidate" : ""}`}
      onClick={() => pick(session, row)}
      onDoubleClick={() => editRow(session, row)}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys do the same */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys do the same */}
      <span
        className={row.open ? "outliner__fold outliner__fold--open" : "outliner__fold"}
        onClick={(event) => {
          event.stopPropagation();
          onFold();
        }}
      >
        {row.ways > 0 && <Icon name="chevronRight" size={12} />}
      </span>
      <span className={`step__icon step__icon--${spec.type} outliner__icon`}>
        <Icon name={look.icon} size={16} />
      </span>
      <span className="outliner__words">
        <span className="outliner__title">{look.title}</span>
        <span className="outliner__face">{look.subtitle}</span>
      </span>
      {group && <span className="outliner__tag outliner__tag--group">{group}</span>}
      {entry && <span className="outliner__tag">{t("Start")}</span>}
      {off && <span className="outliner__tag">{t("Off")}</span>}
      <Badge problems={problems} />
      {state && <StatusRing status={state.status} />}
    </div>
  );
}

/** A click chooses the step, or ends the wire that is being drawn at it. */
function pick(session: Session, row: StepRow): void {
  const { connecting } = session.state;
  if (!connecting) {
    session.goTo(row.id);
    return;
  }
  session.store.set({ connecting: null });
  connectNodes(session, connecting.from, row.id);
  session.focus(connecting.from);
}

export function WayItem({
  row,
  place,
  current,
  problems,
}: ItemProps & { row: WayRow }): ReactElement {
  const session = useSession();
  const { edge } = row;
  const loops = useEditor((state) => cycleEdges(state.document).has(edge.id));
  const title = (id: string) => session.document.nodes[id]?.title || id;
  const words = [wayWords(edge, title, loops), problemWords(problems)].filter(Boolean);
  const kind = kindOf(edge);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around has the keys
    <div
      role="treeitem"
      aria-level={2}
      aria-posinset={row.position}
      aria-setsize={row.count}
      aria-selected={current}
      aria-label={words.join(", ")}
      tabIndex={current ? 0 : -1}
      data-row={row.key}
      style={placeOf(place)}
      className="outliner__row outliner__way"
      onClick={() => {
        session.select(selectEdge(edge.id));
      }}
      onDoubleClick={() => editRow(session, row)}
    >
      <Icon name="wire" size={14} />
      <span className="outliner__to">{title(edge.to)}</span>
      {kind !== "ok" && <span className={`outliner__on outliner__on--${kind}`}>{kind}</span>}
      {edge.else ? (
        <em className="outliner__when">{t("otherwise")}</em>
      ) : (
        edge.when !== undefined && <code className="outliner__when">{edge.when || "…"}</code>
      )}
      {loops && (
        <span className="outliner__tag" aria-hidden="true">
          ⟲ {budgetMark(budgetOf(edge, loops))}
        </span>
      )}
      <Badge problems={problems} />
    </div>
  );
}

function Badge({ problems }: { problems: Counts | undefined }): ReactElement | null {
  const count = problems ? problems.errors + problems.warnings : 0;
  if (!problems || count === 0) return null;
  return (
    <span
      className={problems.errors ? "outliner__badge outliner__badge--error" : "outliner__badge"}
    >
      <Icon name="warning" size={12} /> {count}
    </span>
  );
}

function problemWords(problems: Counts | undefined): string | null {
  if (!problems) return null;
  const told = [
    problems.errors && tn("{count} error", "{count} errors", problems.errors),
    problems.warnings && tn("{count} warning", "{count} warnings", problems.warnings),
  ].filter(Boolean);
  return told.join(", ") || null;
}
