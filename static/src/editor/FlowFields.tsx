import type { ReactElement } from "react";
import { type GraphDocument, isObject, type JsonObject, type NodeSpec } from "../model/document";
import { decisionOf, edgesByNode } from "../model/edges";
import * as edits from "../model/edits";
import { canLock, withPolicy } from "../model/kinds";
import { withField } from "../model/nodes";
import { t } from "../words/t";
import { useSession } from "./hooks";
import { Check, Choice, NumberField, TextField } from "./kinds/fields";
import { NodesField } from "./kinds/NodesField";
import { RetryFields, retryWords } from "./kinds/RetryFields";

interface Props {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
}

/** How a node waits, decides, tries again and gives up. Shown closed: the defaults are right most of the time. */
export function Flow({ id, spec, document }: Props): ReactElement {
  const session = useSession();
  const outs = edgesByNode(document.edges).get(id) ?? [];
  const ways = document.edges.filter((edge) => edge.to === id).length;
  const joins = ways + (document.entry.includes(id) ? 1 : 0) > 1;
  const conditional = outs.some((edge) => decisionOf(edge) !== "always");
  return (
    <details className="form-group form-details">
      <summary className="form-group__title">
        {t("How it runs")}{" "}
        <span className="form-details__words">{flowWords(spec).join(" · ")}</span>
      </summary>
      <div className="form-details__body">
        {joins && <JoinFields id={id} spec={spec} ways={ways} />}
        {spec.type !== "end" && (
          <Choice
            label={t("Which ways are taken")}
            at="/route"
            value={spec.route ?? "all"}
            options={ROUTES}
            onChange={(value) => set(id, "route", value === "all" ? undefined : value)}
          />
        )}
        {conditional && (
          <Choice
            label={t("When no condition matches")}
            at="/on_no_route"
            value={String(spec.on_no_route ?? "error")}
            options={NO_ROUTES}
            onChange={(value) => set(id, "on_no_route", value === "error" ? undefined : value)}
          />
        )}
        {spec.type === "tool" && (
          <RetryFields
            id={id}
            call={spec}
            path={[]}
            effect={session.tools.get(spec.tool ?? "")?.effect}
          />
        )}
        {["tool", "set", "map", "human", "wait"].includes(spec.type) && (
          <Choice
            label={t("When it fails")}
            at="/on_error"
            value={String(spec.on_error ?? "fail")}
            options={ON_ERROR}
            onChange={(value) => set(id, "on_error", value === "fail" ? undefined : value)}
          />
        )}
        {canLock(spec) && (
          <TextField
            label={t("Lock")}
            at="/lock"
            help={t("Steps with the same lock are worked on one at a time.")}
            value={spec.lock}
            placeholder={t("none")}
            mono
            onChange={(value) => set(id, "lock", value)}
          />
        )}
        <NodesField
          label={t("Withdraws when it is done")}
          at="/cancels"
          help={t("What is still on its way in these steps is given up.")}
          chosen={Array.isArray(spec.cancels) ? spec.cancels.map(String) : []}
          offered={Object.keys(document.nodes).filter((each) => each !== id)}
          onChange={(ids) => set(id, "cancels", ids.length ? ids : undefined)}
        />
      </div>
    </details>
  );
}

const set = (id: string, field: string, value: unknown) => edits.setNode(id, field, value);

/** What differs from the defaults, so that a closed section hides nothing. */
function flowWords(spec: NodeSpec): string[] {
  const join = (isObject(spec.join) ? spec.join : {}) as JsonObject;
  const cancels = Array.isArray(spec.cancels) ? spec.cancels.length : 0;
  return [
    typeof join.policy === "string" &&
      join.policy !== "all_active" &&
      t("waits for: {what}", { what: wordsOf(POLICIES, join.policy) }),
    spec.route === "first" && t("first way"),
    ...(spec.type === "tool" ? retryWords(spec) : []),
    typeof spec.on_error === "string" &&
      t("on error: {action}", { action: wordsOf(ON_ERROR, spec.on_error) }),
    typeof spec.lock === "string" && t("lock {lock}", { lock: spec.lock }),
    cancels > 0 && t("withdraws {count}", { count: cancels }),
  ].filter((word): word is string => typeof word === "string");
}

const wordsOf = (options: readonly (readonly [string, string])[], value: string) =>
  options.find(([option]) => option === value)?.[1] ?? value;

const ROUTES = [
  ["all", t("Every way whose condition is true")],
  ["first", t("The first way that matches")],
] as const;
const NO_ROUTES = [
  ["error", t("The run fails")],
  ["end", t("This branch ends")],
] as const;
const ON_ERROR = [
  ["fail", t("The run fails")],
  ["continue", t("Go on without its result")],
  ["end_branch", t("This branch ends")],
] as const;
const POLICIES = [
  ["all_active", t("Everything that can still arrive")],
  ["all", t("Every way in, always")],
  ["each", t("Nothing: each arrival goes on by itself")],
  ["first", t("The first arrival; later ones are let go")],
  ["first_cancel", t("The first arrival; the others are withdrawn")],
  ["n_of_m", t("A number of arrivals")],
] as const;
const CONFLICTS = [
  ["error", t("The run fails and names the key")],
  ["first", t("The first way's value")],
  ["last", t("The last way's value")],
  ["collect", t("A list of all values")],
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
        label={t("Waits for")}
        at="/join"
        value={String(join.policy ?? "all_active")}
        options={POLICIES}
        onChange={(value) => put(withPolicy(join, value))}
      />
      {counts && (
        <NumberField
          label={t("How many arrivals")}
          at="/join/n"
          value={join.n}
          placeholder={t("1 to {most}", { most: Math.max(1, ways) })}
          min={1}
          max={Math.max(1, ways)}
          onChange={(value) => put(withField(join, "n", value))}
        />
      )}
      {counts && (
        <Check
          label={t("Withdraw the others then")}
          help={t("Otherwise later arrivals are let go when they come.")}
          checked={join.cancel === true}
          onChange={(on) => put(withField(join, "cancel", on || undefined))}
        />
      )}
      <Choice
        label={t("When two ways wrote one key")}
        at="/join/on_conflict"
        value={String(join.on_conflict ?? "error")}
        options={CONFLICTS}
        onChange={(value) =>
          put(withField(join, "on_conflict", value === "error" ? undefined : value))
        }
      />
    </>
  );
}
