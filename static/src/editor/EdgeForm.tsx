import { type ReactElement, type ReactNode, useMemo } from "react";
import { Icon } from "../canvas/icons";
import type { EdgeSpec } from "../model/document";
import { type Decision, decisionOf, kindOf, kindWords } from "../model/edges";
import * as edits from "../model/edits";
import { waysToLeave } from "../model/kinds";
import { cycleEdges } from "../model/layout";
import type { Problem } from "../model/problems";
import { titleOf } from "../run/words";
import { t } from "../words/t";
import { openChooser } from "./adding";
import { deleteSelected } from "./clipping";
import { At, PointerProvider, pointer, Told, useAt, useProblemsAt } from "./forms/At";
import { ExpressionInput } from "./forms/ExpressionInput";
import { PlaceProvider } from "./forms/place";
import { useEditor, useFieldId, useSession } from "./hooks";
import type { Place } from "./lookback/calls";
import { Playground } from "./lookback/Playground";
import { Problems } from "./Problems";

/** Everything about one edge. */
export function EdgeForm({ edge }: { edge: EdgeSpec }): ReactElement {
  const session = useSession();
  const loops = useEditor((state) => cycleEdges(state.document).has(edge.id));
  const source = useEditor((state) => state.document.nodes[edge.from]);
  const kindId = useFieldId("kind");
  const ways = waysToLeave(source);
  const known = ways.some(([kind]) => kind === kindOf(edge));
  const onCanvas = useEditor((state) => state.edgeEditor === edge.id);
  return (
    <EdgePointer edge={edge}>
      <div className="form-stack" key={edge.id}>
        <div className="edge-ends">
          <End edge={edge} end="from" /> <Icon name="chevronRight" size={14} />{" "}
          <End edge={edge} end="to" />
        </div>
        <Problems
          only={(problem) => problem.edge === edge.id && !isToldAtCondition(problem, edge)}
        />
        <section className="form-group" data-field="first">
          <EdgePlace edge={edge}>
            <DecisionFields edge={edge} quiet={onCanvas} />
            <Playground edge={edge} />
          </EdgePlace>
        </section>
        <section className="form-group">
          <At at="/on">
            <label className="field__label" htmlFor={kindId}>
              {t("Leaves when “{name}” has", { name: source?.title || edge.from })}
            </label>
            <select
              id={kindId}
              className="select"
              value={kindOf(edge)}
              disabled={!session.canEdit}
              onChange={(event) => {
                const on = event.target.value;
                session.edit(
                  edits.setEdge(edge.id, "on", on === "ok" ? undefined : on),
                  t("Changed"),
                );
              }}
            >
              {!known && <option value={kindOf(edge)}>{kindWords(kindOf(edge))}</option>}
              {ways.map(([kind, words]) => (
                <option key={kind} value={kind}>
                  {words}
                </option>
              ))}
            </select>
          </At>
          <MaxField edge={edge} loops={loops} />
          <ResetFields edge={edge} />
        </section>
        {session.canEdit && (
          <div className="form-actions">
            <button
              type="button"
              className="button button--small"
              onClick={() => openChooser(session)}
            >
              <Icon name="add" size={12} /> {t("Insert a step")} <kbd>N</kbd>
            </button>
            <button
              type="button"
              className="button button--small button--danger"
              onClick={() => deleteSelected(session)}
            >
              <Icon name="trash" size={12} /> {t("Delete")}
            </button>
          </div>
        )}
      </div>
    </EdgePointer>
  );
}

/** Fields inside are those of this edge. */
export function EdgePointer({ edge, children }: { edge: EdgeSpec; children: ReactNode }) {
  const index = useEditor((state) => state.document.edges.indexOf(edge));
  return <PointerProvider value={pointer("edges", index)}>{children}</PointerProvider>;
}

/** Expressions inside are conditions of this edge. */
export function EdgePlace({
  edge,
  children,
}: {
  readonly edge: EdgeSpec;
  readonly children: ReactNode;
}): ReactElement {
  const { id, from } = edge;
  const on = kindOf(edge);
  const place = useMemo<Place>(() => ({ node: from, at: "after", edge: id, on }), [from, id, on]);
  return <PlaceProvider value={place}>{children}</PlaceProvider>;
}

/** The step at one end; where there is none, a choice of those that it may be. */
function End({ edge, end }: { edge: EdgeSpec; end: "from" | "to" }): ReactElement {
  const session = useSession();
  const id = edge[end];
  const nodes = useEditor((state) => state.document.nodes);
  if (!Object.hasOwn(nodes, id))
    return (
      <At at={`/${end}`}>
        <select
          className="select"
          aria-label={end === "from" ? t("Step that it leaves") : t("Step that it leads to")}
          value=""
          disabled={!session.canEdit}
          onChange={(event) =>
            session.edit(edits.setEdge(edge.id, end, event.target.value), t("Changed"))
          }
        >
          <option value="">{id || t("Choose a step…")}</option>
          {Object.keys(nodes).map((node) => (
            <option key={node} value={node}>
              {nodes[node]?.title || node}
            </option>
          ))}
        </select>
      </At>
    );
  return (
    <button type="button" className="link-button" onClick={() => session.goTo(id)}>
      {nodes[id]?.title || id}
    </button>
  );
}

/** A mistake in the condition is told under it at once, with its place. */
const TOLD = ["bad_expression"];

/** Whether the field of the condition says it, which is always in sight. */
function isToldAtCondition({ pointer: at }: Problem, edge: EdgeSpec): boolean {
  return decisionOf(edge) === "when" && /^\/edges\/\d+\/when(\/|$)/.test(at);
}

const DECISIONS: readonly (readonly [Decision, string, string])[] = [
  ["always", t("Always"), t("Taken every time")],
  ["when", t("When"), t("Taken when an expression is true")],
  ["else", t("Otherwise"), t("Taken when no condition of the step matched")],
];

/** Always, when, or otherwise; and the condition itself. Used here and on the canvas. */
export function DecisionFields({
  edge,
  quiet = false,
  onKeyDown,
  inputRef,
}: {
  edge: EdgeSpec;
  /** The other of the two is open, and says what there is to say. */
  quiet?: boolean;
  onKeyDown?: Parameters<typeof ExpressionInput>[0]["onKeyDown"];
  inputRef?: Parameters<typeof ExpressionInput>[0]["inputRef"];
}): ReactElement {
  const session = useSession();
  const id = useFieldId("when");
  const decision = decisionOf(edge);
  return (
    <>
      <div className="segments" role="group" aria-label={t("When the connection is taken")}>
        {DECISIONS.map(([each, words, hint]) => (
          <button
            key={each}
            type="button"
            className="segments__item"
            aria-pressed={decision === each}
            title={hint}
            disabled={!session.canEdit}
            onClick={() =>
              session.edit(edits.decide(edge.id, each), t("Taken: {words}", { words }))
            }
          >
            {words}
          </button>
        ))}
      </div>
      {decision === "when" && (
        <At at="/when" but={TOLD} quiet={quiet} hints>
          <label className="field__label" htmlFor={id}>
            {t("Condition")}
          </label>
          <ExpressionInput
            id={id}
            value={edge.when ?? ""}
            placeholder={t("for example score < 7 && tries < 3")}
            disabled={!session.canEdit}
            quiet={quiet}
            otherwise={<Unanswered />}
            onChange={(value) =>
              session.edit(edits.setEdge(edge.id, "when", value), null, `when ${edge.id}`)
            }
            {...(onKeyDown ? { onKeyDown } : {})}
            {...(inputRef ? { inputRef } : {})}
          />
        </At>
      )}
    </>
  );
}

/** The mistake as the draft's problems name it, where the field got no answer of its own. */
function Unanswered(): ReactElement {
  const problems = useProblemsAt(useAt("/when"));
  return <Told problems={problems.filter(({ code }) => TOLD.includes(code))} hints />;
}

function MaxField({ edge, loops }: { edge: EdgeSpec; loops: boolean }): ReactElement | null {
  const session = useSession();
  const id = useFieldId("max");
  if (!loops && typeof edge.max !== "number") return null;
  return (
    <At at="/max">
      <label className="field__label" htmlFor={id}>
        {t("At most this many times")}
      </label>
      <input
        id={id}
        className="input"
        type="number"
        min={1}
        placeholder={edge.max === null ? t("without end") : "100"}
        value={edge.max ?? ""}
        disabled={!session.canEdit}
        onChange={(event) => {
          const count = Number.parseInt(event.target.value, 10);
          session.edit(
            edits.setEdge(edge.id, "max", count >= 1 ? count : undefined),
            null,
            `max ${edge.id}`,
          );
        }}
      />
      <span className="field__help">
        {t(
          "Counted since the loop was entered. Then the “used up” way is taken, or the run fails.",
        )}
      </span>
    </At>
  );
}

/** Which loops begin anew when this edge is taken. */
function ResetFields({ edge }: { edge: EdgeSpec }): ReactElement | null {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const counted = document.edges.filter(
    (each) => typeof each.max === "number" && each.id !== edge.id,
  );
  const resets = edge.resets ?? [];
  if (counted.length === 0) return null;
  return (
    <details className="form-details" open={resets.length > 0}>
      <summary className="field__label">{t("Starts the count anew of")}</summary>
      {counted.map((each) => (
        <label className="check" key={each.id}>
          <input
            type="checkbox"
            checked={resets.includes(each.id)}
            disabled={!session.canEdit}
            onChange={(event) => {
              const rest = resets.filter((id) => id !== each.id);
              const next = event.target.checked ? [...rest, each.id] : rest;
              session.edit(
                edits.setEdge(edge.id, "resets", next.length ? next : undefined),
                t("Changed"),
              );
            }}
          />
          {titleOf(document, each.from)} → {titleOf(document, each.to)}
        </label>
      ))}
    </details>
  );
}
