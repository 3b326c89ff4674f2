import type { ReactElement } from "react";
import type { Json } from "../../model/document";
import { t } from "../../words/t";
import { type Edit, TextField } from "./fields";

interface Props {
  readonly label: string;
  readonly value: Json | undefined;
  readonly placeholder: string;
  readonly onChange: (value: string | undefined) => Edit;
}

/** The queue that runs wait in: which workers drive them follows from its name. */
export function QueueField({ label, value, placeholder, onChange }: Props): ReactElement {
  return (
    <TextField
      mono
      label={label}
      at="/queue"
      help={t("Only workers that take from it drive them. At most 40 of a-z, 0-9, _ and -.")}
      value={value}
      placeholder={placeholder}
      onChange={onChange}
    />
  );
}
