import { type ReactElement, useState } from "react";
import { Icon } from "../../canvas/icons";
import { fromLiteral, toLiteral } from "../../model/literal";
import type { Schema } from "../boot";
import { useFieldId, useFocusNext } from "../hooks";
import { ExpressionInput } from "./ExpressionInput";
import { complaint, firstValue, fits, resolve, typeWords } from "./schema";
import { ValueInput } from "./values";

interface Props {
  readonly name: string;
  readonly schema: Schema;
  readonly root: Schema;
  readonly required: boolean;
  /** The expression in the document; undefined when the parameter is left to itself. */
  readonly source: string | undefined;
  /** Where the value comes from while nothing is written here. */
  readonly fallback: string;
  readonly missing: boolean;
  readonly disabled: boolean;
  readonly onChange: (source: string | undefined) => void;
}

/**
 * One parameter of a tool. The document always holds an expression; a plain value is shown by a
 * field that fits its schema, and everything else as the expression it is.
 */
export function InputField(props: Props): ReactElement {
  const { name, source, onChange } = props;
  const id = useFieldId(`input-${name}`);
  const focusNext = useFocusNext();
  const schema = resolve(props.schema, props.root);
  const literal = source === undefined ? null : fromLiteral(source);
  const plain = literal !== null && fits(schema, literal.value);
  const [wantsExpression, setWantsExpression] = useState(false);
  const mode = source === undefined ? "unset" : plain && !wantsExpression ? "value" : "expression";
  const wrong = literal && mode === "value" ? complaint(schema, literal.value) : null;
  return (
    <div className={props.missing ? "field input-field input-field--missing" : "field input-field"}>
      <div className="input-field__head">
        <label className="field__label" htmlFor={id}>
          {name}
          {props.required && (
            <span className="input-field__required" title="Required">
              *
            </span>
          )}
        </label>
        <span className="input-field__type">{typeWords(schema)}</span>
        <ModeButtons
          name={name}
          mode={mode}
          disabled={props.disabled}
          onValue={() => {
            setWantsExpression(false);
            if (!plain) onChange(toLiteral(firstValue(schema)));
            focusNext(id);
          }}
          onExpression={() => {
            setWantsExpression(true);
            if (source === undefined) onChange("");
            focusNext(id);
          }}
          onClear={() => onChange(undefined)}
        />
      </div>
      {mode === "unset" && (
        <button
          type="button"
          id={id}
          className="input-field__unset"
          disabled={props.disabled}
          onClick={() => {
            onChange(toLiteral(firstValue(schema)));
            focusNext(id);
          }}
        >
          {props.fallback}
        </button>
      )}
      {mode === "value" && literal && (
        <ValueInput
          id={id}
          schema={schema}
          root={props.root}
          value={literal.value}
          invalid={wrong !== null}
          disabled={props.disabled}
          onChange={(value) => onChange(toLiteral(value))}
        />
      )}
      {mode === "expression" && (
        <ExpressionInput
          id={id}
          value={source ?? ""}
          disabled={props.disabled}
          placeholder="for example tries + 1"
          onChange={onChange}
        />
      )}
      {wrong && <span className="field__error">{wrong}</span>}
      {schema.description && <span className="field__help">{schema.description}</span>}
    </div>
  );
}

interface ModeProps {
  readonly name: string;
  readonly mode: "unset" | "value" | "expression";
  readonly disabled: boolean;
  readonly onValue: () => void;
  readonly onExpression: () => void;
  readonly onClear: () => void;
}

function ModeButtons(props: ModeProps): ReactElement {
  const { name, mode, disabled } = props;
  return (
    <span className="input-field__modes">
      <button
        type="button"
        className="mode"
        aria-pressed={mode === "value"}
        aria-label={`Plain value for ${name}`}
        title="Plain value"
        disabled={disabled}
        onClick={props.onValue}
      >
        <Icon name="text" size={12} />
      </button>
      <button
        type="button"
        className="mode"
        aria-pressed={mode === "expression"}
        aria-label={`Expression for ${name}`}
        title="Expression over the state"
        disabled={disabled}
        onClick={props.onExpression}
      >
        ƒ
      </button>
      {mode !== "unset" && (
        <button
          type="button"
          className="mode"
          aria-label={`Clear ${name}`}
          title="Clear"
          disabled={disabled}
          onClick={props.onClear}
        >
          <Icon name="close" size={12} />
        </button>
      )}
    </span>
  );
}
