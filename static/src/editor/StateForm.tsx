import { type ReactElement, useState } from "react";
import { Icon } from "../canvas/icons";
import { between } from "../model/changes";
import type { Json } from "../model/document";
import { putStateKey, type StateKey } from "../model/statekeys";
import { t } from "../words/t";
import { JsonInput, ValueInput } from "./forms/values";
import { useFieldId, useSession } from "./hooks";

const TYPES = ["string", "integer", "number", "boolean", "array", "object"] as const;
const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: t("text"),
  integer: t("whole number"),
  number: t("number"),
  boolean: t("yes or no"),
  array: t("list"),
  object: t("object"),
};
const BLANK = {
  type: "string",
  default: undefined,
  required: false,
  reducer: null,
  description: "",
};

/** The keys of the state that the workflow declares: type, first value, and how new values are taken. */
export function StateForm({ keys }: { keys: readonly StateKey[] }): ReactElement {
  const session = useSession();
  const [fresh, setFresh] = useState("");
  const taken = keys.some((key) => key.declared && key.name === fresh.trim());
  const add = (name: string) => {
    if (!name || taken) return;
    session.edit(
      (document) =>
        between(t("add state key {name}", { name }), document, putStateKey(document, name, BLANK)),
      t("Added the state key {name}", { name }),
    );
    setFresh("");
  };
  return (
    <section className="form-group">
      <h3 className="form-group__title">{t("State")}</h3>
      <p className="field__help">
        {t("The data of a run. Conditions and inputs read these keys by name.")}
      </p>
      {keys
        .filter((key) => key.declared)
        .map((key) => (
          <StateRow key={key.name} item={key} />
        ))}
      {session.canEdit && (
        <div className="mapping__new">
          <input
            className="input mapping__key"
            value={fresh}
            placeholder={t("state key")}
            aria-label={t("New state key")}
            aria-invalid={taken || undefined}
            onChange={(event) => setFresh(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") add(fresh.trim());
            }}
          />
          <button
            type="button"
            className="button button--small"
            disabled={!fresh.trim() || taken}
            onClick={() => add(fresh.trim())}
          >
            <Icon name="add" size={12} /> {t("Add")}
          </button>
        </div>
      )}
      <Written keys={keys.filter((key) => !key.declared)} onDeclare={add} />
    </section>
  );
}

function Written(props: {
  keys: readonly StateKey[];
  onDeclare: (name: string) => void;
}): ReactElement | null {
  const session = useSession();
  if (props.keys.length === 0) return null;
  return (
    <p className="field__help">
      {t("Also written by steps:")}{" "}
      {props.keys.map((key) => (
        <button
          key={key.name}
          type="button"
          className="key-chip"
          title={t("Declare it, to give it a type and a first value")}
          disabled={!session.canEdit}
          onClick={() => props.onDeclare(key.name)}
        >
          {key.name}
        </button>
      ))}
    </p>
  );
}

function StateRow({ item }: { item: StateKey }): ReactElement {
  const session = useSession();
  const id = useFieldId(`state-${item.name}`);
  const put = (change: Partial<StateKey>, mergeKey: string | null = null) =>
    session.edit(
      (document) =>
        between(
          t("change state key {name}", { name: item.name }),
          document,
          putStateKey(document, item.name, { ...item, ...change }),
        ),
      null,
      mergeKey,
    );
  return (
    <details className="state-row">
      <summary className="state-row__head">
        <span className="state-row__name">{item.name}</span>
        <span className="state-row__type">{TYPE_WORDS[item.type ?? ""] ?? t("any")}</span>
        <span className="state-row__value">
          {item.default === undefined ? (item.required ? t("asked for") : "") : brief(item.default)}
        </span>
      </summary>
      <div className="state-row__body">
        <div className="form-pair">
          <div className="field">
            <label className="field__label" htmlFor={`${id}-type`}>
              {t("Type")}
            </label>
            <select
              id={`${id}-type`}
              className="select"
              value={item.type ?? ""}
              disabled={!session.canEdit}
              onChange={(event) => put({ type: event.target.value || null, default: undefined })}
            >
              <option value="">{t("any")}</option>
              {TYPES.map((type) => (
                <option key={type} value={type}>
                  {TYPE_WORDS[type]}
                </option>
              ))}
            </select>
          </div>
          <div className="field">
            <label className="field__label" htmlFor={`${id}-reducer`}>
              {t("New values")}
            </label>
            <select
              id={`${id}-reducer`}
              className="select"
              value={item.reducer ?? ""}
              disabled={!session.canEdit}
              onChange={(event) => put({ reducer: event.target.value || null })}
            >
              <option value="">{t("replace the old")}</option>
              {REDUCERS.map(([reducer, words]) => (
                <option key={reducer} value={reducer}>
                  {words}
                </option>
              ))}
            </select>
          </div>
        </div>
        <DefaultField id={`${id}-default`} item={item} onPut={put} />
        <label className="check">
          <input
            type="checkbox"
            checked={item.required}
            disabled={!session.canEdit}
            onChange={(event) => put({ required: event.target.checked })}
          />
          {t("A run must be given it")}
        </label>
        <button
          type="button"
          className="button button--small button--danger"
          disabled={!session.canEdit}
          onClick={() =>
            session.edit(
              (document) =>
                between(
                  t("remove state key {name}", { name: item.name }),
                  document,
                  putStateKey(document, item.name, null),
                ),
              t("Removed the state key {name}", { name: item.name }),
            )
          }
        >
          <Icon name="trash" size={12} /> {t("Remove")}
        </button>
      </div>
    </details>
  );
}

const REDUCERS = [
  ["append", t("are appended")],
  ["sum", t("are added up")],
  ["max", t("count when larger")],
  ["min", t("count when smaller")],
  ["union", t("join a set")],
  ["merge", t("are merged in")],
] as const;

function DefaultField(props: {
  id: string;
  item: StateKey;
  onPut: (change: Partial<StateKey>, mergeKey?: string | null) => unknown;
}): ReactElement {
  const session = useSession();
  const { id, item, onPut } = props;
  const has = item.default !== undefined;
  const start: Json =
    { integer: 0, number: 0, boolean: false, array: [], object: {} }[item.type ?? ""] ?? "";
  const change = (value: Json) => onPut({ default: value }, `default ${item.name}`);
  return (
    <div className="field">
      <label className="check" htmlFor={`${id}-on`}>
        <input
          id={`${id}-on`}
          type="checkbox"
          checked={has}
          disabled={!session.canEdit}
          onChange={(event) => onPut({ default: event.target.checked ? start : undefined })}
        />
        {t("First value")}
      </label>
      {has && <DefaultValue id={id} item={item} disabled={!session.canEdit} onChange={change} />}
    </div>
  );
}

function DefaultValue(props: {
  id: string;
  item: StateKey;
  disabled: boolean;
  onChange: (value: Json) => void;
}): ReactElement {
  const { id, item, disabled, onChange } = props;
  const value = item.default ?? null;
  const common = {
    id,
    value,
    disabled,
    onChange,
    root: {},
    label: t("First value of {name}", { name: item.name }),
  };
  return item.type ? (
    <ValueInput {...common} schema={{ type: item.type }} />
  ) : (
    <JsonInput {...common} schema={{}} />
  );
}

function brief(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
}
