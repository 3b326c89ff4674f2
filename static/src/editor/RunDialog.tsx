import { type ReactElement, useState } from "react";
import { Icon } from "../canvas/icons";
import type { Json } from "../model/document";
import { type StateKey, stateKeys } from "../model/statekeys";
import type { Schema } from "./boot";
import { Dialog, DialogNotice } from "./Dialog";
import { firstValue, kindOf } from "./forms/schema";
import { JsonInput, ValueInput } from "./forms/values";
import { useEditor, useFieldId, useSession } from "./hooks";
import { startRun } from "./running";

type State = Readonly<Record<string, Json>>;

/** Asks for the first state of a run, by the workflow's own declaration, and starts it. */
export function RunDialog(): ReactElement {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const busy = useEditor((state) => state.starting);
  const keys = stateKeys(document).filter((key) => key.declared);
  const memory = `treadle:run-input:${session.boot.workflow.id}`;
  const [state, setState] = useState<State>(() => recall(memory) ?? needed(keys));
  const [asJson, setAsJson] = useState(keys.length === 0);
  const [invalid, setInvalid] = useState(false);
  const properties = propertiesOf(document.state);
  return (
    <Dialog title="Run the draft">
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (invalid || busy) return;
          remember(memory, state);
          void startRun(session, state);
        }}
      >
        <div className="run-form__head">
          <p className="dialog__words">
            The state the run begins with. What is left out takes its first value.
          </p>
          {keys.length > 0 && (
            <button
              type="button"
              className="link-button"
              onClick={() => {
                setAsJson(!asJson);
                setInvalid(false);
              }}
            >
              {asJson ? "As a form" : "As JSON"}
            </button>
          )}
        </div>
        <div className="run-form__fields">
          {asJson ? (
            <JsonInput
              id="run-state"
              label="First state as JSON"
              schema={{}}
              root={{}}
              value={state}
              onInvalid={setInvalid}
              onChange={(value) => {
                const fits = typeof value === "object" && value !== null && !Array.isArray(value);
                setInvalid(!fits);
                if (fits) setState(value as State);
              }}
            />
          ) : (
            keys.map((key) => (
              <StateField
                key={key.name}
                item={key}
                schema={properties[key.name] ?? (key.type ? { type: key.type } : {})}
                value={state[key.name]}
                onChange={(value) => setState((old) => put(old, key.name, value))}
              />
            ))
          )}
        </div>
        {invalid && <p className="field__error">The first state is a JSON object: {"{ … }"}</p>}
        <DialogNotice />
        <div className="form__actions">
          <button type="submit" className="button button--primary" disabled={busy || invalid}>
            <Icon name="run" /> {busy ? "Starting…" : "Run"}
          </button>
        </div>
      </form>
    </Dialog>
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
  return (
    <div className="field">
      <div className="input-field__head">
        <label className="field__label" htmlFor={id}>
          {item.name}
          {item.required && <span className="input-field__required">*</span>}
        </label>
        {value !== undefined && !item.required && !open && (
          <button
            type="button"
            className="mode"
            aria-label={`Leave ${item.name} at its first value`}
            title="Leave at its first value"
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
          {item.default === undefined ? "left out" : `first value: ${brief(item.default)}`}
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
function needed(keys: readonly StateKey[]): State {
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

function recall(key: string): State | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as State)
      : null;
  } catch {
    return null; // storage is off, or holds something else: the form starts empty
  }
}

const LARGEST_MEMORY = 100_000;

function remember(key: string, state: State): void {
  try {
    const text = JSON.stringify(state);
    if (text.length <= LARGEST_MEMORY) localStorage.setItem(key, text);
  } catch {
    // Only a convenience: the run starts without it.
  }
}
