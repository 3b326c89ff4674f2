import type { ReactElement } from "react";
import type { GraphDocument, JsonObject, NodeSpec } from "../model/document";
import { decisionOf, edgesByNode } from "../model/edges";
import * as edits from "../model/edits";
import { withField } from "../model/nodes";
import { useFieldId, useSession } from "./hooks";

interface Props {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
}

/** How a node waits, decides, tries again and gives up. Shown closed: the defaults are right most of the time. */
export function Flow({ id, spec, document }: Props): ReactElement {
  const outs = edgesByNode(document.edges).get(id) ?? [];
  const ways = document.edges.filter((edge) => edge.to === id).length;
  const joins = ways + (document.entry.includes(id) ? 1 : 0) > 1;
  const conditional = outs.some((edge) => decisionOf(edge) !== "always");
  return (
    <details className="form-group form-details">
      <summary className="form-group__title">Joining, routing and retries</summary>
      <div className="form-details__body">
        {joins && <JoinFields id={id} spec={spec} />}
        {spec.type !== "end" && (
          <Choice
            label="Which ways are taken"
            value={spec.route ?? "all"}
            options={ROUTES}
            onChange={(value) => set(id, "route", value === "all" ? undefined : value)}
          />
        )}
        {conditional && (
          <Choice
            label="When no condition matches"
            value={String(spec.on_no_route ?? "error")}
            options={NO_ROUTES}
            onChange={(value) => set(id, "on_no_route", value === "error" ? undefined : value)}
          />
        )}
        {spec.type === "tool" && <RetryFields id={id} spec={spec} />}
        {(spec.type === "tool" || spec.type === "set") && (
          <Choice
            label="When it fails"
            value={String(spec.on_error ?? "fail")}
            options={ON_ERROR}
            onChange={(value) => set(id, "on_error", value === "fail" ? undefined : value)}
          />
        )}
      </div>
    </details>
  );
}

const set = (id: string, field: string, value: unknown) => edits.setNode(id, field, value);

const ROUTES = [
  ["all", "Every way whose condition is true"],
  ["first", "The first way that matches"],
] as const;
const NO_ROUTES = [
  ["error", "The run fails"],
  ["end", "This branch ends"],
] as const;
const ON_ERROR = [
  ["fail", "The run fails"],
  ["continue", "Go on without its result"],
  ["end_branch", "This branch ends"],
] as const;
const POLICIES = [
  ["all_active", "Everything that can still arrive"],
  ["all", "Every way in, always"],
] as const;
const CONFLICTS = [
  ["error", "The run fails and names the key"],
  ["first", "The first way's value"],
  ["last", "The last way's value"],
  ["collect", "A list of all values"],
] as const;

function JoinFields({ id, spec }: Omit<Props, "document">): ReactElement {
  const join = (spec.join ?? {}) as JsonObject;
  const change = (key: string, value: string, standard: string) => {
    const next = withField(join, key, value === standard ? undefined : value);
    return set(id, "join", Object.keys(next).length ? next : undefined);
  };
  return (
    <>
      <Choice
        label="Waits for"
        value={String(join.policy ?? "all_active")}
        options={POLICIES}
        onChange={(value) => change("policy", value, "all_active")}
      />
      <Choice
        label="When two ways wrote one key"
        value={String(join.on_conflict ?? "error")}
        options={CONFLICTS}
        onChange={(value) => change("on_conflict", value, "error")}
      />
    </>
  );
}

function RetryFields({ id, spec }: Omit<Props, "document">): ReactElement {
  const session = useSession();
  const attemptsId = useFieldId("attempts");
  const timeoutId = useFieldId("timeout");
  const retry = (spec.retry ?? {}) as JsonObject;
  const attempts = retry.max_attempts;
  return (
    <div className="form-pair">
      <div className="field">
        <label className="field__label" htmlFor={attemptsId}>
          Attempts
        </label>
        <input
          id={attemptsId}
          className="input"
          type="number"
          min={1}
          max={100}
          placeholder="as the error needs"
          value={typeof attempts === "number" ? attempts : ""}
          disabled={!session.canEdit}
          onChange={(event) => {
            const count = Number.parseInt(event.target.value, 10);
            const next = withField(
              retry,
              "max_attempts",
              count >= 1 ? Math.min(100, count) : undefined,
            );
            session.edit(
              set(id, "retry", Object.keys(next).length ? next : undefined),
              null,
              `retry ${id}`,
            );
          }}
        />
      </div>
      <div className="field">
        <label className="field__label" htmlFor={timeoutId}>
          Timeout
        </label>
        <input
          id={timeoutId}
          className="input"
          placeholder="none"
          value={spec.timeout ?? ""}
          disabled={!session.canEdit}
          aria-describedby={`${timeoutId}-help`}
          onChange={(event) =>
            session.edit(
              set(id, "timeout", event.target.value.trim() || undefined),
              null,
              `timeout ${id}`,
            )
          }
        />
        <span className="field__help" id={`${timeoutId}-help`}>
          30s, 5m or 2h
        </span>
      </div>
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
  readonly onChange: (value: string) => ReturnType<typeof edits.setNode>;
}

function Choice({ label, value, options, onChange }: ChoiceProps): ReactElement {
  const session = useSession();
  const id = useFieldId("choice");
  const known = options.some(([option]) => option === value);
  return (
    <div className="field">
      <label className="field__label" htmlFor={id}>
        {label}
      </label>
      <select
        id={id}
        className="select"
        value={value}
        disabled={!session.canEdit}
        onChange={(event) => session.edit(onChange(event.target.value), `${label} changed`)}
      >
        {!known && <option value={value}>{value}</option>}
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
