import type { ReactElement } from "react";
import { Icon } from "../../canvas/icons";
import {
  type GraphDocument,
  isObject,
  type Json,
  type JsonObject,
  type NodeSpec,
} from "../../model/document";
import * as edits from "../../model/edits";
import { freshId } from "../../model/ids";
import { alternativesOf, type WaitKind, waitKindOf, withWaitKind } from "../../model/kinds";
import { withField, without } from "../../model/nodes";
import { t } from "../../words/t";
import { pointer } from "../forms/At";
import { useSession } from "../hooks";
import { FormFields } from "./FormFields";
import { Choice, type Edit, ExpressionField, NamesField, TextField } from "./fields";
import { NameInput } from "./NameInput";
import { Rows } from "./Rows";

interface Props {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
}

const ONE = [
  ["for", t("Some time")],
  ["until", t("A point in time")],
  ["signal", t("A signal")],
] as const;
const KINDS = [...ONE, ["any", t("The first of several")]] as const;
const ALTERNATIVES = [...ONE, ["form", t("A person’s answer")]] as const;

/** What a node waits for. */
export function WaitFields({ id, spec, document }: Props): ReactElement {
  const kind = waitKindOf(spec);
  const names = Object.keys(alternativesOf(spec));
  return (
    <>
      <section className="form-group" data-field="first">
        <Choice
          label={t("Waits for")}
          value={kind ?? ""}
          options={KINDS}
          onChange={(value) => edits.replaceNode(id, withWaitKind(spec, value as WaitKind))}
        />
        {kind !== "any" && (
          <Condition
            at=""
            wait={spec}
            onField={(field, value) => edits.setNode(id, field, value)}
          />
        )}
        {names.map((name) => (
          <Alternative key={name} id={id} name={name} spec={spec} />
        ))}
        {kind === "any" && <AddAlternative id={id} names={names} />}
      </section>
      {(kind === "signal" || kind === "any") && (
        <Rows
          id={id}
          spec={spec}
          document={document}
          field="outputs"
          legend={t("Outputs")}
          help={
            kind === "any"
              ? t("State keys from what came: payload, answer, and its name as alternative.")
              : t("State keys from the payload of the signal.")
          }
          example={kind === "any" ? "alternative" : "payload.amount"}
        />
      )}
    </>
  );
}

interface ConditionProps {
  /** The place of the wait: empty for the node itself, or that of an alternative. */
  readonly at: string;
  readonly wait: JsonObject | NodeSpec;
  readonly onField: (field: string, value: string | undefined) => Edit;
}

/** One thing to wait for: a time, a moment or a signal. */
function Condition({ at, wait, onField }: ConditionProps): ReactElement | null {
  const kind = waitKindOf(wait);
  if (kind === "for") {
    return (
      <TextField
        label={t("How long")}
        at={`${at}/for`}
        help={t("30s, 5m, 2h or 7d")}
        value={wait.for}
        onChange={(value) => onField("for", value ?? "")}
      />
    );
  }
  if (kind === "until") {
    return (
      <ExpressionField
        label={t("Until")}
        at={`${at}/until`}
        help={t("Gives a date and time as text (2030-01-31T09:00:00Z), or seconds since 1970.")}
        value={wait.until}
        placeholder={t("for example due_at")}
        onChange={(value) => onField("until", value ?? "")}
      />
    );
  }
  if (kind !== "signal") return null;
  return (
    <>
      <TextField
        mono
        label={t("Signal")}
        at={`${at}/signal`}
        value={wait.signal}
        placeholder={t("for example payment")}
        onChange={(value) => onField("signal", value ?? "")}
      />
      <ExpressionField
        label={t("Key")}
        at={`${at}/key`}
        help={t("Only signals with the same key count. Empty: any of them.")}
        value={wait.key}
        placeholder={t("for example order_id")}
        onChange={(value) => onField("key", value)}
      />
    </>
  );
}

interface AlternativeProps {
  readonly id: string;
  readonly name: string;
  readonly spec: NodeSpec;
}

/** One of several things to wait for; edges leave the node by its name. */
function Alternative({ id, name, spec }: AlternativeProps): ReactElement {
  const session = useSession();
  const any = alternativesOf(spec);
  const wait = any[name] ?? {};
  const put = (next: JsonObject) => edits.setNode(id, "any", { ...any, [name]: next });
  return (
    <fieldset className="row-card" aria-label={t("Alternative {name}", { name })}>
      <div className="row-card__head">
        <NameInput
          name={name}
          label={t("Name of the alternative {name}", { name })}
          taken={(other) => Object.hasOwn(any, other)}
          onRename={(next) =>
            session.edit(edits.renameWait(id, name, next), t("Renamed to {name}", { name: next }))
          }
        />
        <button
          type="button"
          className="mode"
          aria-label={t("Remove {name}", { name })}
          title={t("Remove")}
          disabled={!session.canEdit || Object.keys(any).length < 2}
          onClick={() => session.edit(edits.setNode(id, "any", without(any, [name])))}
        >
          <Icon name="close" size={12} />
        </button>
      </div>
      <Choice
        label={t("“{name}” is", { name })}
        value={waitKindOf(wait) ?? ""}
        options={ALTERNATIVES}
        onChange={(value) => put(withWaitKind(wait, value as WaitKind))}
      />
      {waitKindOf(wait) === "form" ? (
        <Person id={`${id} ${name}`} wait={wait} put={put} />
      ) : (
        <Condition
          at={pointer("any", name)}
          wait={wait}
          onField={(field, value) => put(withField(wait, field, value))}
        />
      )}
    </fieldset>
  );
}

interface PersonProps {
  readonly id: string;
  readonly wait: JsonObject;
  readonly put: (next: JsonObject) => ReturnType<typeof edits.setNode>;
}

/** A question as one of several alternatives: when it is due says another alternative. */
function Person({ id, wait, put }: PersonProps): ReactElement {
  const assignees = (isObject(wait.assignees) ? wait.assignees : {}) as JsonObject;
  const users = Array.isArray(assignees.users) ? assignees.users.map(String) : [];
  const ask = (field: string, value: Json | undefined) => {
    const next = withField(assignees, field, value);
    return put(withField(wait, "assignees", Object.keys(next).length ? next : undefined));
  };
  return (
    <>
      <TextField
        label={t("What is asked")}
        value={wait.title}
        placeholder={t("the title of the step")}
        onChange={(value) => put(withField(wait, "title", value))}
      />
      <NamesField
        label={t("People")}
        help={t("User names with commas between them. Nobody named: anyone who may see the run.")}
        placeholder={t("for example ann, bob")}
        value={users}
        onChange={(names) => ask("users", names.length ? names : undefined)}
      />
      <TextField
        label={t("Group")}
        value={assignees.group}
        placeholder={t("for example maintainers")}
        onChange={(value) => ask("group", value)}
      />
      <FormFields id={id} form={wait.form} put={(next) => put({ ...wait, form: next })} />
    </>
  );
}

function AddAlternative({ id, names }: { id: string; names: readonly string[] }): ReactElement {
  const session = useSession();
  return (
    <button
      type="button"
      className="button button--small"
      disabled={!session.canEdit}
      onClick={() => {
        const name = freshId("other", (taken) => names.includes(taken));
        session.edit(
          edits.setNodePath(id, ["any", name], { signal: "" }),
          t("Added {name}", { name }),
        );
      }}
    >
      <Icon name="add" size={12} /> {t("Add an alternative")}
    </button>
  );
}
