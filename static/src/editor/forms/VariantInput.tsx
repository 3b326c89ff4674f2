import type { ReactElement } from "react";
import { t } from "../../words/t";
import { useFieldId } from "../hooks";
import { firstValue, optionsOf, resolve, variantOf, variantWords } from "./schema";
import { ValueInput, type ValueProps } from "./values";

/** A value that may have several shapes: which one, and its field. */
export function VariantInput(props: ValueProps): ReactElement {
  const { id, schema, root, value, onChange, disabled, label } = props;
  const field = useFieldId("shape");
  const options = optionsOf(schema).map((option) => resolve(option, root));
  const chosen = Math.max(0, variantOf(schema, value, root));
  return (
    <div className="variant">
      <select
        id={field}
        className="select"
        aria-label={label ? t("Shape of {label}", { label }) : t("Shape")}
        value={chosen}
        disabled={disabled}
        onChange={(event) => onChange(firstValue(options[Number(event.target.value)] ?? {}, root))}
      >
        {options.map((option, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: shapes of a schema never move
          <option key={index} value={index}>
            {variantWords(option, index)}
          </option>
        ))}
      </select>
      <ValueInput
        key={chosen}
        id={id}
        schema={options[chosen] ?? {}}
        root={root}
        value={value}
        onChange={onChange}
        {...(label ? { label } : {})}
        {...(disabled ? { disabled } : {})}
      />
    </div>
  );
}
