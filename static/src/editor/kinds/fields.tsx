/** The plain fields that forms of nodes are made of. Each gives an edit for what was entered. */
import { type ReactElement, useEffect, useState } from "react";
import type { Json } from "../../model/document";
import type * as edits from "../../model/edits";
import { t } from "../../words/t";
import { At } from "../forms/At";
import { ExpressionInput } from "../forms/ExpressionInput";
import { useFieldId, useSession } from "../hooks";
import type { Moment } from "../lookback/calls";

export type Edit = ReturnType<typeof edits.setNode>;

interface TextProps {
  readonly label: string;
  /** The place it writes to, below its node. */
  readonly at?: string;
  readonly value: Json | undefined;
  readonly help?: string;
  readonly placeholder?: string;
  readonly mono?: boolean;
  readonly long?: boolean;
  /** The field that a new node of the kind begins with. */
  readonly first?: boolean;
  readonly onChange: (value: string | undefined) => Edit;
}

const textOf = (value: Json | undefined) => (typeof value === "string" ? value : "");
/** A mistake in the text is told under it at once. */
const TOLD_BY_EXPRESSIONS = ["bad_expression"];

export function TextField(props: TextProps): ReactElement {
  const session = useSession();
  const id = useFieldId("text");
  const common = {
    id,
    value: textOf(props.value),
    placeholder: props.placeholder,
    disabled: !session.canEdit,
    "aria-describedby": props.help ? `${id}-help` : undefined,
    onChange: (event: { target: { value: string } }) =>
      session.edit(props.onChange(event.target.value || undefined), null, id),
  };
  return (
    <At at={props.at} first={props.first}>
      <label className="field__label" htmlFor={id}>
        {props.label}
      </label>
      {props.long ? (
        <textarea className="textarea form-area" rows={3} {...common} />
      ) : (
        <input
          className={props.mono ? "input input--mono" : "input"}
          spellCheck={!props.mono}
          {...common}
        />
      )}
      {props.help && (
        <span className="field__help" id={`${id}-help`}>
          {props.help}
        </span>
      )}
    </At>
  );
}

/** An expression over the state, with the server's verdict under it. */
export function ExpressionField(props: TextProps & { readonly moment?: Moment }): ReactElement {
  const session = useSession();
  const id = useFieldId("expression");
  return (
    <At at={props.at} first={props.first} but={TOLD_BY_EXPRESSIONS}>
      <label className="field__label" htmlFor={id}>
        {props.label}
      </label>
      <ExpressionInput
        id={id}
        value={textOf(props.value)}
        disabled={!session.canEdit}
        {...(props.moment ? { at: props.moment } : {})}
        {...(props.placeholder ? { placeholder: props.placeholder } : {})}
        {...(props.help ? { describedBy: `${id}-help` } : {})}
        onChange={(value) => session.edit(props.onChange(value || undefined), null, id)}
      />
      {props.help && (
        <span className="field__help" id={`${id}-help`}>
          {props.help}
        </span>
      )}
    </At>
  );
}

interface NumberProps {
  readonly label: string;
  /** The place it writes to, below its node. */
  readonly at?: string;
  readonly value: Json | undefined;
  readonly placeholder: string;
  readonly min: number;
  readonly max?: number;
  readonly help?: string;
  /** Whether it may have a fraction. */
  readonly fraction?: boolean;
  readonly onChange: (value: number | undefined) => Edit;
}

/** A number; empty leaves the choice to the engine. */
export function NumberField(props: NumberProps): ReactElement {
  const session = useSession();
  const id = useFieldId("number");
  return (
    <At at={props.at}>
      <label className="field__label" htmlFor={id}>
        {props.label}
      </label>
      <input
        id={id}
        className="input"
        type="number"
        min={props.min}
        max={props.max}
        step={props.fraction ? "any" : 1}
        placeholder={props.placeholder}
        value={typeof props.value === "number" ? props.value : ""}
        disabled={!session.canEdit}
        aria-describedby={props.help ? `${id}-help` : undefined}
        onChange={(event) => {
          const { value } = event.target;
          const number = props.fraction ? Number.parseFloat(value) : Number.parseInt(value, 10);
          const inside = number >= props.min ? Math.min(number, props.max ?? number) : undefined;
          session.edit(props.onChange(inside), null, id);
        }}
      />
      {props.help && (
        <span className="field__help" id={`${id}-help`}>
          {props.help}
        </span>
      )}
    </At>
  );
}

interface CheckProps {
  readonly label: string;
  /** The place it writes to, below its node. */
  readonly at?: string;
  readonly help?: string;
  readonly checked: boolean;
  readonly onChange: (on: boolean) => Edit;
}

export function Check({ label, at, help, checked, onChange }: CheckProps): ReactElement {
  const session = useSession();
  const id = useFieldId("check");
  return (
    <At at={at}>
      <label className="check">
        <input
          type="checkbox"
          checked={checked}
          disabled={!session.canEdit}
          aria-describedby={help ? id : undefined}
          onChange={(event) =>
            session.edit(onChange(event.target.checked), t("{label}: changed", { label }))
          }
        />
        {label}
      </label>
      {help && (
        <span className="field__help" id={id}>
          {help}
        </span>
      )}
    </At>
  );
}

interface NamesProps {
  readonly label: string;
  /** The place it writes to, below its node. */
  readonly at?: string;
  readonly help: string;
  readonly placeholder: string;
  readonly value: readonly string[];
  readonly onChange: (names: string[]) => Edit;
}

const namesIn = (text: string) =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);

/** Names with commas between them. */
export function NamesField(props: NamesProps): ReactElement {
  const session = useSession();
  const id = useFieldId("names");
  const joined = props.value.join(", ");
  const [text, setText] = useState(joined);
  useEffect(() => {
    setText((old) => (namesIn(old).join(", ") === joined ? old : joined));
  }, [joined]);
  return (
    <At at={props.at}>
      <label className="field__label" htmlFor={id}>
        {props.label}
      </label>
      <input
        id={id}
        className="input"
        spellCheck={false}
        value={text}
        placeholder={props.placeholder}
        disabled={!session.canEdit}
        aria-describedby={`${id}-help`}
        onChange={(event) => {
          setText(event.target.value);
          session.edit(props.onChange(namesIn(event.target.value)), null, id);
        }}
      />
      <span className="field__help" id={`${id}-help`}>
        {props.help}
      </span>
    </At>
  );
}

interface ChoiceProps {
  readonly label: string;
  /** The place it writes to, below its node. */
  readonly at?: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
  readonly onChange: (value: string) => Edit;
}

/** One of a few words. A value that is none of them is kept and shown as it is. */
export function Choice({ label, at, value, options, onChange }: ChoiceProps): ReactElement {
  const session = useSession();
  const id = useFieldId("choice");
  const known = options.some(([option]) => option === value);
  return (
    <At at={at}>
      <label className="field__label" htmlFor={id}>
        {label}
      </label>
      <select
        id={id}
        className="select"
        value={value}
        disabled={!session.canEdit}
        onChange={(event) =>
          session.edit(onChange(event.target.value), t("{label} changed", { label }))
        }
      >
        {!known && <option value={value}>{value}</option>}
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    </At>
  );
}
