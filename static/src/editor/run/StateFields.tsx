/** The first state of a run as a form, by the workflow's own declaration, or as JSON. */
import type { ReactElement } from "react";
import { Icon } from "../../canvas/icons";
import type { GraphDocument, Json } from "../../model/document";
import { type StateKey, stateKeys } from "../../model/statekeys";
import { t } from "../../words/t";
import type { Schema } from "../boot";
import { firstValue, kindOf, labelOf } from "../forms/schema";
import { JsonInput, ValueInput } from "../forms/values";
import { useFieldId } from "../hooks";
import type { State } from "./plan";

interface Props {
  readonly document: GraphDocument;
  readonly label: string;
  readonly state: State;
  readonly asJson: boolean;
  readonly onChange: (state: State) => void;
  readonly onInvalid: (invalid: boolean) => void;
}

/** The keys of the state that the document declares. */
export const declaredKeys = (document: GraphDocument): readonly StateKey[] =>
  stateKeys(document).filter((key) => key.declared);

export function StateFields(props: Props): ReactElement {
  const { document, state, asJson, onChange, onInvalid } = props;
  const properties = propertiesOf(document.state);
  const id = useFieldId("run-state");
  return (
    <div className="run-form__fields">
      {asJson ? (
        <JsonInput
          id={id}
          label={props.label}
          schema={{}}
          root={{}}
          value={state}
          onInvalid={onInvalid}
          onChange={(value) => {
            const fits = typeof value === "object" && value !== null && !Array.isArray(value);
            onInvalid(!fits);
            if (fits) onChange(value as State);
          }}
        />
      ) : (
        declaredKeys(document).map((key) => (
          <StateField
            key={key.name}
            item={key}
            schema={properties[key.name] ?? (key.type ? { type: key.type } : {})}
            value={state[key.name]}
            onChange={(value) => onChange(put(state, key.name, value))}
          />
        ))
      )}
    </div>
  );
}

interface FieldProps {
  readonly item: StateKey;
  readonly schema: Schema;
  readonly value: Json | undefined;
  readonly onChange: (value: Json | undefined) => void;
}

function StateField({ item, schema, value, onChange }: FieldProps): ReactElement {
  const id = useFieldId(`run-${item.name}`);
  const start = item.default ?? firstValue(schema);
  // A text without a first value is simply written; left empty, it is left out.
  const open = item.default === undefined && kindOf(schema) === "text";
  const shown = value ?? (open ? "" : undefined);
  const label = labelOf(item.name, schema);
  return (
    <div className="field">
      <div className="input-field__head">
        <label className="field__label" htmlFor={id}>
          {label}
          {item.required && <span className="input-field__required">*</span>}
        </label>
        {label !== item.name && <code className="input-field__type">{item.name}</code>}
        {value !== undefined && !item.required && !open && (
          <button
            type="button"
            className="mode"
            aria-label={t("Leave {name} at its first value", { name: label })}
            title={t("Leave at its first value")}
            onClick={() => onChange(undefined)}
          >
            <Icon name="close" size={12} />
          </button>
        )}
      </div>
      {shown === undefined ? (
        <button
          type="button"
          id={id}
          className="input-field__unset"
          onClick={() => onChange(start)}
        >
          {item.default === undefined
            ? t("left out")
            : t("first value: {value}", { value: brief(item.default) })}
        </button>
      ) : (
        <ValueInput
          id={id}
          schema={withLines(schema, item.name)}
          root={{}}
          value={shown}
          onChange={(next) => onChange(open && next === "" && !item.required ? undefined : next)}
        />
      )}
      {item.description && <span className="field__help">{item.description}</span>}
    </div>
  );
}

/** Code and longer texts get lines of their own. */
function withLines(schema: Schema, name: string): Schema {
  const long = /code|text|source|body|prompt|content/i.test(name);
  return schema.type === "string" && long ? { ...schema, format: "multiline" } : schema;
}

const brief = (value: Json) => {
  const text = JSON.stringify(value);
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
};

/** What has to be given, ready to be filled in. */
export function needed(keys: readonly StateKey[]): State {
  const open = keys.filter((key) => key.required && key.default === undefined);
  return Object.fromEntries(
    open.map((key) => [key.name, firstValue(key.type ? { type: key.type } : {})]),
  );
}

function put(state: State, name: string, value: Json | undefined): State {
  const { [name]: _, ...rest } = state;
  return value === undefined ? rest : { ...state, [name]: value };
}

function propertiesOf(state: unknown): Readonly<Record<string, Schema>> {
  const schema = (state as { schema?: { properties?: unknown } } | undefined)?.schema;
  const properties = schema?.properties;
  return typeof properties === "object" && properties !== null
    ? (properties as Readonly<Record<string, Schema>>)
    : {};
}
