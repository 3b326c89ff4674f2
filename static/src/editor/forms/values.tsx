/** Fields for plain values, chosen by JSON Schema. Each shows a value and reports a new one. */
import { type ReactElement, useEffect, useState } from "react";
import type { Json } from "../../model/document";
import { t } from "../../words/t";
import type { Schema } from "../boot";
import { ListInput, MapInput, ObjectInput } from "./nested";
import { SecretInput } from "./SecretInput";
import { allowsNull, choicesOf, firstValue, fits, kindOf, resolve } from "./schema";
import { VariantInput } from "./VariantInput";

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
  const inner = { ...props, schema };
  const kind = fits(schema, props.value, props.root) ? kindOf(schema) : "json";
  if (props.value === null && kind === "json" && allowsNull(props.schema)) {
    return <NothingInput {...inner} />;
  }
  switch (kind) {
    case "text":
      return <TextInput {...inner} />;
    case "secret":
      return <SecretInput {...inner} />;
    case "integer":
    case "number":
      return <NumberInput {...inner} />;
    case "boolean":
      return <BooleanInput {...inner} />;
    case "choice":
      return <ChoiceInput {...inner} />;
    case "variants":
      return <VariantInput {...inner} />;
    case "list":
      return <ListInput {...inner} />;
    case "object":
      return <ObjectInput {...inner} />;
    case "map":
      return <MapInput {...inner} />;
    case "json":
      return <JsonInput {...inner} />;
  }
}

/** Null, where the schema allows it beside something else. */
function NothingInput({ id, schema, root, onChange, disabled, label }: ValueProps): ReactElement {
  return (
    <button
      type="button"
      id={id}
      className="input-field__unset"
      aria-label={label ? t("{label}: nothing, set a value", { label }) : undefined}
      disabled={disabled}
      onClick={() => onChange(firstValue(schema, root) ?? "")}
    >
      {t("nothing (null)")}
    </button>
  );
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
          {whole ? t("A whole number is needed here.") : t("A number is needed here.")}
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
      <option value="true">{t("true")}</option>
      <option value="false">{t("false")}</option>
    </select>
  );
}

function ChoiceInput({ id, schema, value, onChange, disabled, label }: ValueProps): ReactElement {
  const options = choicesOf(schema) ?? [];
  return (
    <select
      id={id}
      className="select"
      value={JSON.stringify(value)}
      disabled={disabled}
      aria-label={label}
      onChange={(event) => onChange(JSON.parse(event.target.value) as Json)}
    >
      {options.map(([option, words]) => (
        <option key={JSON.stringify(option)} value={JSON.stringify(option)}>
          {words}
        </option>
      ))}
    </select>
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
          {t("Not JSON yet: {error}", { error })}
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
