import { type ReactElement, useState } from "react";
import { Icon } from "../../canvas/icons";
import { t } from "../../words/t";
import { useFieldId, useFocusNext } from "../hooks";
import { At, pointer } from "./At";
import { ExpressionInput } from "./ExpressionInput";

interface Props {
  /** The place of the mapping, below its node. */
  readonly at?: string;
  readonly legend: string;
  readonly help: string;
  /** What a row is named by. */
  readonly noun?: string;
  readonly mapping: Readonly<Record<string, string>>;
  /** Names to offer for new keys. */
  readonly known: readonly string[];
  readonly placeholder: string;
  readonly disabled: boolean;
  readonly onChange: (key: string, value: string | undefined) => void;
  readonly onRename: (from: string, to: string) => void;
}

/** A mistake in an expression is told under it at once. */
const TOLD = ["bad_expression"];

/** State keys, each with the expression that is written into it. */
export function MappingField(props: Props): ReactElement {
  const { mapping, disabled, onChange, noun = t("state key") } = props;
  const id = useFieldId("mapping");
  const [fresh, setFresh] = useState("");
  // A key that was just added wants its expression next.
  const focusNext = useFocusNext();
  const taken = Object.hasOwn(mapping, fresh.trim());
  const add = () => {
    const key = fresh.trim();
    if (!key || taken) return;
    onChange(key, "");
    setFresh("");
    focusNext(`${id}-${key}`);
  };
  return (
    <fieldset className="mapping">
      <legend className="field__label">{props.legend}</legend>
      <span className="field__help">{props.help}</span>
      {Object.entries(mapping).map(([key, source]) => (
        <At
          className="mapping__row"
          at={props.at === undefined ? undefined : props.at + pointer(key)}
          but={TOLD}
          key={key}
        >
          <KeyInput
            value={key}
            noun={noun}
            taken={(name) => name !== key && Object.hasOwn(mapping, name)}
            list={`${id}-keys`}
            disabled={disabled}
            onRename={(next) => props.onRename(key, next)}
          />
          <div className="mapping__value">
            <ExpressionInput
              id={`${id}-${key}`}
              label={t("Expression for {name}", { name: key })}
              value={source}
              placeholder={props.placeholder}
              disabled={disabled}
              onChange={(next) => onChange(key, next)}
            />
          </div>
          <button
            type="button"
            className="mode"
            aria-label={t("Remove {name}", { name: key })}
            title={t("Remove")}
            disabled={disabled}
            onClick={() => onChange(key, undefined)}
          >
            <Icon name="close" size={12} />
          </button>
        </At>
      ))}
      {!disabled && (
        <div className="mapping__new">
          <input
            className="input mapping__key"
            value={fresh}
            list={`${id}-keys`}
            placeholder={noun}
            aria-label={t("New {noun} for “{legend}”", { noun, legend: props.legend })}
            aria-invalid={taken || undefined}
            onChange={(event) => setFresh(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              add();
            }}
          />
          <button
            type="button"
            className="button button--small"
            disabled={!fresh.trim() || taken}
            onClick={add}
          >
            <Icon name="add" size={12} /> {t("Add")}
          </button>
        </div>
      )}
      <datalist id={`${id}-keys`}>
        {props.known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </fieldset>
  );
}

interface KeyProps {
  readonly noun: string;
  readonly value: string;
  readonly taken: (name: string) => boolean;
  readonly list: string;
  readonly disabled: boolean;
  readonly onRename: (next: string) => void;
}

/** A key that is renamed when the field is left, not at each letter. */
function KeyInput({ noun, value, taken, list, disabled, onRename }: KeyProps): ReactElement {
  const [text, setText] = useState(value);
  const bad = text.trim() === "" || taken(text.trim());
  const commit = () => {
    if (bad) setText(value);
    else if (text.trim() !== value) onRename(text.trim());
  };
  return (
    <input
      className="input mapping__key"
      value={text}
      list={list}
      disabled={disabled}
      aria-label={`${noun.charAt(0).toUpperCase()}${noun.slice(1)} ${value}`}
      aria-invalid={bad || undefined}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit();
      }}
    />
  );
}
