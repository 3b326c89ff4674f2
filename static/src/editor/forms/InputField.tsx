import { type ReactElement, useState } from "react";
import { Icon } from "../../canvas/icons";
import type { Json } from "../../model/document";
import { fromLiteral, toLiteral } from "../../model/literal";
import { t } from "../../words/t";
import type { Schema } from "../boot";
import { useFieldId, useFocusNext } from "../hooks";
import type { Moment } from "../lookback/calls";
import { At, useAt, useProblemsAt } from "./At";
import { ExpressionInput } from "./ExpressionInput";
import { MistakesProvider } from "./Mistakes";
import {
  allowsNull,
  firstValue,
  fits,
  kindOf,
  type Mistake,
  mistakesOf,
  resolve,
  typeWords,
} from "./schema";
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
  /** The place it writes to, below its node. */
  readonly at: string;
  /** Expressions of a map's body see the item too. */
  readonly moment: Moment;
  readonly onChange: (source: string | undefined) => void;
}

/** A mistake in an expression is told under it at once, one in a value at its part. */
const TOLD = ["bad_expression", "bad_input"];

const isNested = (schema: Schema) => ["list", "object", "map", "variants"].includes(kindOf(schema));

/** What is wrong with the plain value: seen here at once, and what only the server saw. */
function useMistakes(props: Props, literal: { readonly value: Json } | null): readonly Mistake[] {
  const place = useAt(props.at) ?? "";
  const told = useProblemsAt(place || null).filter((problem) => problem.code === "bad_input");
  if (!literal) return told.map(({ message }) => ({ at: "", message }));
  const own = mistakesOf(props.schema, literal.value, props.root);
  const seen = new Set(own.map((mistake) => mistake.at));
  const more = told.map(({ pointer, message }) => ({ at: pointer.slice(place.length), message }));
  return [...own, ...more.filter((mistake) => !seen.has(mistake.at))];
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
  const nothing = literal?.value === null && allowsNull(props.schema);
  const plain = literal !== null && (nothing || fits(schema, literal.value, props.root));
  const [wantsExpression, setWantsExpression] = useState(false);
  const mode = source === undefined ? "unset" : plain && !wantsExpression ? "value" : "expression";
  const mistakes = useMistakes(props, mode === "value" ? literal : null);
  const wrong = mistakes.filter((mistake) => mistake.at === "" || !isNested(schema));
  return (
    <At
      className={props.missing ? "field input-field input-field--missing" : "field input-field"}
      at={props.at}
      but={TOLD}
    >
      <div className="input-field__head">
        <label className="field__label" htmlFor={id}>
          {name}
          {props.required && (
            <span className="input-field__required" title={t("Required")}>
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
            if (!plain) onChange(toLiteral(firstValue(schema, props.root)));
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
            onChange(toLiteral(firstValue(schema, props.root)));
            focusNext(id);
          }}
        >
          {props.fallback}
        </button>
      )}
      {mode === "value" && literal && (
        <MistakesProvider value={{ base: props.at, mistakes }}>
          <ValueInput
            id={id}
            schema={props.schema}
            root={props.root}
            value={literal.value}
            invalid={wrong.length > 0}
            disabled={props.disabled}
            {...(isNested(schema) ? { label: name } : {})}
            onChange={(value) => onChange(toLiteral(value))}
          />
        </MistakesProvider>
      )}
      {mode === "expression" && (
        <ExpressionInput
          id={id}
          value={source ?? ""}
          disabled={props.disabled}
          at={props.moment}
          placeholder={t("for example tries + 1")}
          onChange={onChange}
        />
      )}
      {wrong.map((mistake) => (
        <span key={mistake.at + mistake.message} className="field__error">
          {mistake.message}
        </span>
      ))}
      {schema.description && <span className="field__help">{schema.description}</span>}
    </At>
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
        aria-label={t("Plain value for {name}", { name })}
        title={t("Plain value")}
        disabled={disabled}
        onClick={props.onValue}
      >
        <Icon name="text" size={12} />
      </button>
      <button
        type="button"
        className="mode"
        aria-pressed={mode === "expression"}
        aria-label={t("Expression for {name}", { name })}
        title={t("Expression over the state")}
        disabled={disabled}
        onClick={props.onExpression}
      >
        ƒ
      </button>
      {mode !== "unset" && (
        <button
          type="button"
          className="mode"
          aria-label={t("Clear {name}", { name })}
          title={t("Clear")}
          disabled={disabled}
          onClick={props.onClear}
        >
          <Icon name="close" size={12} />
        </button>
      )}
    </span>
  );
}
