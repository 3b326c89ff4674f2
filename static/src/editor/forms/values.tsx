/** Fields for plain values, chosen by JSON Schema. Each shows a value and reports a new one. */
import { type ReactElement, useEffect, useState } from "react";
import { Icon } from "../../canvas/icons";
import type { Json } from "../../model/document";
import type { Schema } from "../boot";
import { SecretInput } from "./SecretInput";
import { firstValue, fits, kindOf, resolve } from "./schema";

export interface ValueProps {
  readonly id: string;
  readonly schema: Schema;
  /** The schema that holds the definitions. */
  readonly root: Schema;
  readonly value: Json;
  readonly onChange: (value: Json) => void;
  readonly disabled?: boolean;
  readonly invalid?: boolean;
  readonly label?: string;
}

export function ValueInput(props: ValueProps): ReactElement {
  const schema = resolve(props.schema, props.root);
  const kind = fits(schema, props.value) ? kindOf(schema) : "json";
  const inner = { ...props, schema };
  if (kind === "text") return <TextInput {...inner} />;
  if (kind === "secret") return <SecretInput {...inner} />;
  if (kind === "integer" || kind === "number") return <NumberInput {...inner} />;
  if (kind === "boolean") return <BooleanInput {...inner} />;
  if (kind === "choice") return <ChoiceInput {...inner} />;
  if (kind === "list") return <ListInput {...inner} />;
  if (kind === "object") return <ObjectInput {...inner} />;
  return <JsonInput {...inner} />;
}

const LONG = 60;

function TextInput({
  id,
  schema,
  value,
  onChange,
  disabled,
  invalid,
  label,
}: ValueProps): ReactElement {
  const text = typeof value === "string" ? value : "";
  // Once long, always long while it is on the page: a field must not change under the hands.
  const [long] = useState(() => isLong(schema, text));
  const common = {
    id,
    value: text,
    disabled,
    "aria-label": label,
    "aria-invalid": invalid || undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  return long ? (
    <textarea className="textarea form-area" rows={rowsFor(text)} {...common} />
  ) : (
    <input className="input" type="text" {...common} />
  );
}

function isLong(schema: Schema, text: string): boolean {
  const named = schema.format === "multiline" || schema.format === "code";
  return named || text.includes("\n") || text.length > LONG || (schema.maxLength ?? 0) > 500;
}

export const rowsFor = (text: string, least = 3): number =>
  Math.min(14, Math.max(least, text.split("\n").length + 1));

function NumberInput({
  id,
  schema,
  value,
  onChange,
  disabled,
  invalid,
  label,
}: ValueProps): ReactElement {
  const whole = kindOf(schema) === "integer";
  const [text, setText] = useState(String(value));
  const number = text.trim() === "" ? Number.NaN : Number(text);
  const good = whole ? Number.isSafeInteger(number) : Number.isFinite(number);
  useEffect(() => {
    // An undo changes the value under the field; what is being typed stays as it is.
    setText((old) => (Number(old) === value && old.trim() !== "" ? old : String(value)));
  }, [value]);
  return (
    <>
      <input
        id={id}
        className="input"
        type="text"
        inputMode={whole ? "numeric" : "decimal"}
        value={text}
        disabled={disabled}
        aria-label={label}
        aria-invalid={invalid || !good || undefined}
        onChange={(event) => {
          const next = event.target.value;
          setText(next);
          const parsed = Number(next);
          const fine = whole ? Number.isSafeInteger(parsed) : Number.isFinite(parsed);
          if (next.trim() !== "" && fine) onChange(parsed);
        }}
        onBlur={() => {
          if (!good) setText(String(value));
        }}
      />
      {!good && (
        <span className="field__error" role="alert">
          {whole ? "A whole number is needed here." : "A number is needed here."}
        </span>
      )}
    </>
  );
}

function BooleanInput({ id, value, onChange, disabled, label }: ValueProps): ReactElement {
  return (
    <select
      id={id}
      className="select"
      value={String(value)}
      disabled={disabled}
      aria-label={label}
      onChange={(event) => onChange(event.target.value === "true")}
    >
      <option value="true">true</option>
      <option value="false">false</option>
    </select>
  );
}

function ChoiceInput({ id, schema, value, onChange, disabled, label }: ValueProps): ReactElement {
  const options = schema.enum ?? [];
  return (
    <select
      id={id}
      className="select"
      value={JSON.stringify(value)}
      disabled={disabled}
      aria-label={label}
      onChange={(event) => onChange(JSON.parse(event.target.value) as Json)}
    >
      {options.map((option) => (
        <option key={JSON.stringify(option)} value={JSON.stringify(option)}>
          {typeof option === "string" ? option : JSON.stringify(option)}
        </option>
      ))}
    </select>
  );
}

function ListInput({
  id,
  schema,
  root,
  value,
  onChange,
  disabled,
  label,
}: ValueProps): ReactElement {
  const items = Array.isArray(value) ? (value as readonly Json[]) : [];
  const item = resolve(schema.items ?? {}, root);
  const change = (index: number, next: Json) => onChange(items.with(index, next) as Json);
  return (
    <div className="form-list" id={id} role="group" aria-label={label ?? "List"}>
      {items.map((each, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items have no identity but their position
        <div className="form-list__row" key={index}>
          <ValueInput
            id={`${id}-${index}`}
            schema={item}
            root={root}
            value={each}
            label={`Item ${index + 1}`}
            onChange={(next) => change(index, next)}
            {...(disabled ? { disabled } : {})}
          />
          <button
            type="button"
            className="button button--quiet button--icon button--small"
            disabled={disabled}
            aria-label={`Remove item ${index + 1}`}
            onClick={() => onChange(items.toSpliced(index, 1) as Json)}
          >
            <Icon name="close" size={12} />
          </button>
        </div>
      ))}
      <button
        type="button"
        className="button button--quiet button--small form-list__add"
        disabled={disabled}
        onClick={() => onChange([...items, firstValue(item)])}
      >
        <Icon name="add" size={12} /> Add an item
      </button>
    </div>
  );
}

function ObjectInput({
  id,
  schema,
  root,
  value,
  onChange,
  disabled,
  label,
}: ValueProps): ReactElement {
  const object = value as Readonly<Record<string, Json>>;
  return (
    <div className="form-object" role="group" aria-label={label ?? "Object"}>
      {Object.entries(schema.properties ?? {}).map(([name, each]) => {
        const inner = resolve(each, root);
        return (
          <div className="field" key={name}>
            <label className="field__label" htmlFor={`${id}-${name}`}>
              {name}
            </label>
            <ValueInput
              id={`${id}-${name}`}
              schema={inner}
              root={root}
              value={object[name] ?? firstValue(inner)}
              onChange={(next) => onChange({ ...object, [name]: next })}
              {...(disabled ? { disabled } : {})}
            />
          </div>
        );
      })}
    </div>
  );
}

/** Any value as JSON text; what is not JSON yet stays in the field and is not reported. */
export function JsonInput(
  props: ValueProps & { readonly onInvalid?: (invalid: boolean) => void },
): ReactElement {
  const { id, value, onChange, disabled, label, onInvalid } = props;
  const [text, setText] = useState(() => JSON.stringify(value, null, 2));
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    setText((old) => (sameJson(old, value) ? old : JSON.stringify(value, null, 2)));
  }, [value]);
  return (
    <>
      <textarea
        id={id}
        className="textarea form-area form-area--code"
        spellCheck={false}
        rows={rowsFor(text)}
        value={text}
        disabled={disabled}
        aria-label={label}
        aria-invalid={error !== null || undefined}
        onChange={(event) => {
          setText(event.target.value);
          try {
            const next = JSON.parse(event.target.value) as Json;
            setError(null);
            onInvalid?.(false);
            onChange(next);
          } catch (problem) {
            setError((problem as Error).message);
            onInvalid?.(true);
          }
        }}
      />
      {error && (
        <span className="field__error" role="alert">
          Not JSON yet: {error}
        </span>
      )}
    </>
  );
}

function sameJson(text: string, value: Json): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(value);
  } catch {
    return true; // still being typed
  }
}
