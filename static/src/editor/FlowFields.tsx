import type { ReactElement } from "react";
import { type GraphDocument, isObject, type JsonObject, type NodeSpec } from "../model/document";
import { decisionOf, edgesByNode } from "../model/edges";
import * as edits from "../model/edits";
import { canLock, withPolicy } from "../model/kinds";
import { withField } from "../model/nodes";
import { Check, Choice, NumberField, TextField } from "./kinds/fields";
import { NodesField } from "./kinds/NodesField";
import { RetryFields } from "./kinds/RetryFields";

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
        {joins && <JoinFields id={id} spec={spec} ways={ways} />}
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
        {spec.type === "tool" && <RetryFields id={id} call={spec} path={[]} />}
        {["tool", "set", "map", "human", "wait"].includes(spec.type) && (
          <Choice
            label="When it fails"
            value={String(spec.on_error ?? "fail")}
            options={ON_ERROR}
            onChange={(value) => set(id, "on_error", value === "fail" ? undefined : value)}
          />
        )}
        {canLock(spec) && (
          <TextField
            label="Lock"
            help="Steps with the same lock are worked on one at a time."
            value={spec.lock}
            placeholder="none"
            mono
            onChange={(value) => set(id, "lock", value)}
          />
        )}
        <NodesField
          label="Withdraws when it is done"
          help="What is still on its way in these steps is given up."
          chosen={Array.isArray(spec.cancels) ? spec.cancels.map(String) : []}
          offered={Object.keys(document.nodes).filter((each) => each !== id)}
          onChange={(ids) => set(id, "cancels", ids.length ? ids : undefined)}
        />
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
  ["each", "Nothing: each arrival goes on by itself"],
  ["first", "The first arrival; later ones are let go"],
  ["first_cancel", "The first arrival; the others are withdrawn"],
  ["n_of_m", "A number of arrivals"],
] as const;
const CONFLICTS = [
  ["error", "The run fails and names the key"],
  ["first", "The first way's value"],
  ["last", "The last way's value"],
  ["collect", "A list of all values"],
] as const;

interface JoinProps {
  readonly id: string;
  readonly spec: NodeSpec;
  /** How many edges lead here. */
  readonly ways: number;
}

function JoinFields({ id, spec, ways }: JoinProps): ReactElement {
  const join = (isObject(spec.join) ? spec.join : {}) as JsonObject;
  const put = (next: JsonObject) => set(id, "join", Object.keys(next).length ? next : undefined);
  const counts = join.policy === "n_of_m";
  return (
    <>
      <Choice
        label="Waits for"
        value={String(join.policy ?? "all_active")}
        options={POLICIES}
        onChange={(value) => put(withPolicy(join, value))}
      />
      {counts && (
        <NumberField
          label="How many arrivals"
          value={join.n}
          placeholder={`1 to ${Math.max(1, ways)}`}
          min={1}
          max={Math.max(1, ways)}
          onChange={(value) => put(withField(join, "n", value))}
        />
      )}
      {counts && (
        <Check
          label="Withdraw the others then"
          help="Otherwise later arrivals are let go when they come."
          checked={join.cancel === true}
          onChange={(on) => put(withField(join, "cancel", on || undefined))}
        />
      )}
      <Choice
        label="When two ways wrote one key"
        value={String(join.on_conflict ?? "error")}
        options={CONFLICTS}
        onChange={(value) =>
          put(withField(join, "on_conflict", value === "error" ? undefined : value))
        }
      />
    </>
  );
}
