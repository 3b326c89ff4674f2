/** Fields for lists, objects and maps: values that hold values. */
import { type ReactElement, useState } from "react";
import { Icon } from "../../canvas/icons";
import type { Json } from "../../model/document";
import { without } from "../../model/nodes";
import { t } from "../../words/t";
import { useFocusNext } from "../hooks";
import { Part } from "./Mistakes";
import { firstValue, kindOf, labelOf, resolve, typeWords } from "./schema";
import { JsonInput, ValueInput, type ValueProps } from "./values";

const FLAT = new Set(["text", "secret", "integer", "number", "boolean", "choice"]);

type Fields = Readonly<Record<string, Json>>;

/** Items one below the other; those that hold values themselves as cards, in an order one can change. */
export function ListInput(props: ValueProps): ReactElement {
  const { id, schema, root, value, onChange, disabled, label } = props;
  const items = Array.isArray(value) ? (value as readonly Json[]) : [];
  const item = resolve(schema.items ?? {}, root);
  const flat = FLAT.has(kindOf(item));
  const full = schema.maxItems !== undefined && items.length >= schema.maxItems;
  const focusNext = useFocusNext();
  const swap = (index: number, by: number) => {
    const [one, other] = [items[index] as Json, items[index + by] as Json];
    onChange(items.with(index, other).with(index + by, one) as Json);
  };
  return (
    <div className="form-list" id={id} role="group" aria-label={label ?? t("List")}>
      {items.map((each, index) => (
        <Part
          // biome-ignore lint/suspicious/noArrayIndexKey: items have no identity but their position
          key={index}
          name={index}
          whole={flat}
          className={flat ? "form-list__row" : "row-card form-list__card"}
        >
          {!flat && <span className="form-list__name">{index + 1}</span>}
          <ValueInput
            id={`${id}-${index}`}
            schema={item}
            root={root}
            value={each}
            label={itemWords(label, index + 1)}
            onChange={(next) => onChange(items.with(index, next) as Json)}
            {...(disabled ? { disabled } : {})}
          />
          <span className="form-list__tools">
            {!flat && (
              <>
                <Small
                  icon="arrowUp"
                  words={t("Move item {number} up", { number: index + 1 })}
                  off={disabled || index === 0}
                  onClick={() => swap(index, -1)}
                />
                <Small
                  icon="arrowDown"
                  words={t("Move item {number} down", { number: index + 1 })}
                  off={disabled || index === items.length - 1}
                  onClick={() => swap(index, 1)}
                />
              </>
            )}
            <Small
              icon="close"
              words={t("Remove item {number}", { number: index + 1 })}
              off={disabled}
              onClick={() => onChange(items.toSpliced(index, 1) as Json)}
            />
          </span>
        </Part>
      ))}
      <button
        type="button"
        className="button button--quiet button--small form-list__add"
        disabled={disabled || full}
        onClick={() => {
          onChange([...items, firstValue(item, root)]);
          focusNext(`${id}-${items.length}`);
        }}
      >
        <Icon name="add" size={12} /> {t("Add an item")}
      </button>
    </div>
  );
}

const itemWords = (label: string | undefined, number: number) =>
  label ? t("{label}, item {number}", { label, number }) : t("Item {number}", { number });

interface SmallProps {
  readonly icon: "arrowUp" | "arrowDown" | "close";
  readonly words: string;
  readonly off: boolean | undefined;
  readonly onClick: () => void;
}

const Small = ({ icon, words, off, onClick }: SmallProps) => (
  <button
    type="button"
    className="button button--quiet button--icon button--small"
    disabled={off}
    aria-label={words}
    onClick={onClick}
  >
    <Icon name={icon} size={12} />
  </button>
);

/** A field for each property; what may be left out is, until somebody fills it in. */
export function ObjectInput(props: ValueProps): ReactElement {
  const { id, schema, root, value, onChange, disabled, label } = props;
  const object = value as Fields;
  const properties = schema.properties ?? {};
  const strange = Object.keys(object).filter((name) => !Object.hasOwn(properties, name));
  return (
    <div className="form-object" id={id} role="group" aria-label={label ?? t("Object")}>
      {Object.keys(properties).map((name) => (
        <Property key={name} {...props} name={name} />
      ))}
      {strange.map((name) => (
        <Part key={name} name={name} whole className="field">
          <div className="input-field__head">
            <label className="field__label" htmlFor={`${id}-${name}`}>
              {name}
            </label>
            <span className="input-field__type">{t("not in the schema")}</span>
            <Small
              icon="close"
              words={t("Remove {name}", { name })}
              off={disabled}
              onClick={() => onChange(without(object, [name]) as Json)}
            />
          </div>
          <JsonInput
            id={`${id}-${name}`}
            schema={{}}
            root={root}
            value={object[name] ?? null}
            onChange={(next) => onChange({ ...object, [name]: next })}
            {...(disabled ? { disabled } : {})}
          />
        </Part>
      ))}
    </div>
  );
}

function Property(props: ValueProps & { readonly name: string }): ReactElement {
  const { id, name, schema, root, value, onChange, disabled } = props;
  const object = value as Fields;
  const given = schema.properties?.[name] ?? {};
  const inner = resolve(given, root);
  const required = schema.required?.includes(name) ?? false;
  const set = Object.hasOwn(object, name);
  const kind = kindOf(inner);
  const field = `${id}-${name}`;
  const focusNext = useFocusNext();
  return (
    <Part name={name} whole={FLAT.has(kind) || kind === "json" || !set} className="field">
      <div className="input-field__head">
        <label className="field__label" htmlFor={field}>
          {labelOf(name, inner)}
          {required && (
            <span className="input-field__required" title={t("Required")}>
              *
            </span>
          )}
        </label>
        <span className="input-field__type">{typeWords(inner)}</span>
        {set && !required && (
          <Small
            icon="close"
            words={t("Leave out {name}", { name })}
            off={disabled}
            onClick={() => onChange(without(object, [name]) as Json)}
          />
        )}
      </div>
      {set ? (
        <ValueInput
          id={field}
          schema={given}
          root={root}
          value={object[name] ?? null}
          onChange={(next) => onChange({ ...object, [name]: next })}
          {...(FLAT.has(kind) || kind === "json" ? {} : { label: name })}
          {...(disabled ? { disabled } : {})}
        />
      ) : (
        <button
          type="button"
          id={field}
          className="input-field__unset"
          disabled={disabled}
          onClick={() => {
            onChange({ ...object, [name]: firstValue(inner, root) });
            focusNext(field);
          }}
        >
          {inner.default === undefined
            ? required
              ? t("needed")
              : t("left out")
            : t("default: {value}", { value: JSON.stringify(inner.default) })}
        </button>
      )}
      {inner.description && <span className="field__help">{inner.description}</span>}
    </Part>
  );
}

/** Names of one's own, each with a value of the same kind. */
export function MapInput(props: ValueProps): ReactElement {
  const { id, schema, root, value, onChange, disabled, label } = props;
  const [fresh, setFresh] = useState("");
  const object = value as Fields;
  const given = typeof schema.additionalProperties === "object" ? schema.additionalProperties : {};
  const inner = resolve(given, root);
  const name = fresh.trim();
  const taken = Object.hasOwn(object, name);
  const add = () => {
    if (!name || taken) return;
    onChange({ ...object, [name]: firstValue(inner, root) });
    setFresh("");
  };
  return (
    <div className="form-object" id={id} role="group" aria-label={label ?? t("Names and values")}>
      {Object.keys(object).map((key) => (
        <Part key={key} name={key} whole={FLAT.has(kindOf(inner))} className="field">
          <div className="input-field__head">
            <label className="field__label" htmlFor={`${id}-${key}`}>
              {key}
            </label>
            <span className="input-field__type" />
            <Small
              icon="close"
              words={t("Remove {name}", { name: key })}
              off={disabled}
              onClick={() => onChange(without(object, [key]) as Json)}
            />
          </div>
          <ValueInput
            id={`${id}-${key}`}
            schema={given}
            root={root}
            value={object[key] ?? null}
            onChange={(next) => onChange({ ...object, [key]: next })}
            {...(disabled ? { disabled } : {})}
          />
        </Part>
      ))}
      {!disabled && (
        <div className="mapping__new">
          <input
            className="input mapping__key"
            value={fresh}
            placeholder={t("name")}
            aria-label={label ? t("New name for {label}", { label }) : t("New name for the map")}
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
            disabled={!name || taken}
            onClick={add}
          >
            <Icon name="add" size={12} /> {t("Add")}
          </button>
        </div>
      )}
    </div>
  );
}
