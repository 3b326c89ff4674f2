import type { ReactElement } from "react";
import { Icon } from "../canvas/icons";
import type { EdgeSpec } from "../model/document";
import { type Decision, decisionOf, kindOf } from "../model/edges";
import * as edits from "../model/edits";
import { waysToLeave } from "../model/kinds";
import { cycleEdges } from "../model/layout";
import { openChooser } from "./adding";
import { deleteSelected } from "./clipping";
import { ExpressionInput } from "./forms/ExpressionInput";
import { useEditor, useFieldId, useSession } from "./hooks";
import { Problems } from "./Problems";

/** Everything about one edge. */
export function EdgeForm({ edge }: { edge: EdgeSpec }): ReactElement {
  const session = useSession();
  const loops = useEditor((state) => cycleEdges(state.document).has(edge.id));
  const source = useEditor((state) => state.document.nodes[edge.from]);
  const kindId = useFieldId("kind");
  const ways = waysToLeave(source);
  const known = ways.some(([kind]) => kind === kindOf(edge));
  return (
    <div className="form-stack" key={edge.id}>
      <p className="edge-ends">
        <EndButton id={edge.from} /> <Icon name="chevronRight" size={14} />{" "}
        <EndButton id={edge.to} />
      </p>
      <Problems only={(problem) => problem.edge === edge.id} />
      <section className="form-group" data-field="first">
        <DecisionFields edge={edge} />
      </section>
      <section className="form-group">
        <div className="field">
          <label className="field__label" htmlFor={kindId}>
            Leaves when “{edge.from}” has
          </label>
          <select
            id={kindId}
            className="select"
            value={kindOf(edge)}
            disabled={!session.canEdit}
            onChange={(event) => {
              const on = event.target.value;
              session.edit(edits.setEdge(edge.id, "on", on === "ok" ? undefined : on), "Changed");
            }}
          >
            {!known && <option value={kindOf(edge)}>{kindOf(edge)}</option>}
            {ways.map(([kind, words]) => (
              <option key={kind} value={kind}>
                {words}
              </option>
            ))}
          </select>
        </div>
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
            <Icon name="add" size={12} /> Insert a step <kbd>N</kbd>
          </button>
          <button
            type="button"
            className="button button--small button--danger"
            onClick={() => deleteSelected(session)}
          >
            <Icon name="trash" size={12} /> Delete
          </button>
        </div>
      )}
    </div>
  );
}

function EndButton({ id }: { id: string }): ReactElement {
  const session = useSession();
  return (
    <button type="button" className="link-button" onClick={() => session.goTo(id)}>
      {id}
    </button>
  );
}

const DECISIONS: readonly (readonly [Decision, string, string])[] = [
  ["always", "Always", "Taken every time"],
  ["when", "When", "Taken when an expression is true"],
  ["else", "Otherwise", "Taken when no condition of the step matched"],
];

/** Always, when, or otherwise; and the condition itself. Used here and on the canvas. */
export function DecisionFields({
  edge,
  onKeyDown,
  inputRef,
}: {
  edge: EdgeSpec;
  onKeyDown?: Parameters<typeof ExpressionInput>[0]["onKeyDown"];
  inputRef?: Parameters<typeof ExpressionInput>[0]["inputRef"];
}): ReactElement {
  const session = useSession();
  const id = useFieldId("when");
  const decision = decisionOf(edge);
  return (
    <>
      <div className="segments" role="group" aria-label="When the connection is taken">
        {DECISIONS.map(([each, words, hint]) => (
          <button
            key={each}
            type="button"
            className="segments__item"
            aria-pressed={decision === each}
            title={hint}
            disabled={!session.canEdit}
            onClick={() => session.edit(edits.decide(edge.id, each), `Taken: ${words}`)}
          >
            {words}
          </button>
        ))}
      </div>
      {decision === "when" && (
        <div className="field">
          <label className="field__label" htmlFor={id}>
            Condition
          </label>
          <ExpressionInput
            id={id}
            value={edge.when ?? ""}
            placeholder="for example score < 7 && tries < 3"
            disabled={!session.canEdit}
            onChange={(value) =>
              session.edit(edits.setEdge(edge.id, "when", value), null, `when ${edge.id}`)
            }
            {...(onKeyDown ? { onKeyDown } : {})}
            {...(inputRef ? { inputRef } : {})}
          />
        </div>
      )}
    </>
  );
}

function MaxField({ edge, loops }: { edge: EdgeSpec; loops: boolean }): ReactElement | null {
  const session = useSession();
  const id = useFieldId("max");
  if (!loops && typeof edge.max !== "number") return null;
  return (
    <div className="field">
      <label className="field__label" htmlFor={id}>
        At most this many times
      </label>
      <input
        id={id}
        className="input"
        type="number"
        min={1}
        placeholder={edge.max === null ? "without end" : "100"}
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
        Counted since the loop was entered. Then the “used up” way is taken, or the run fails.
      </span>
    </div>
  );
}

/** Which loops begin anew when this edge is taken. */
function ResetFields({ edge }: { edge: EdgeSpec }): ReactElement | null {
  const session = useSession();
  const counted = useEditor((state) => state.document.edges).filter(
    (each) => typeof each.max === "number" && each.id !== edge.id,
  );
  const resets = edge.resets ?? [];
  if (counted.length === 0) return null;
  return (
    <details className="form-details" open={resets.length > 0}>
      <summary className="field__label">Starts the count anew of</summary>
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
                "Changed",
              );
            }}
          />
          {each.from} → {each.to}
        </label>
      ))}
    </details>
  );
}
