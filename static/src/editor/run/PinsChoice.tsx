import type { ReactElement } from "react";
import { PinMark } from "../../canvas/PinMark";
import type { Pins } from "../../model/pins";
import { t } from "../../words/t";
import { useFieldId, useSession } from "../hooks";
import { titleOf } from "./pinning";

interface Props {
  readonly pins: Pins;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}

const NAMED = 6;

/** Which steps are not called because their output is pinned, and the switch for all of them. */
export function PinsChoice({ pins, on, onChange }: Props): ReactElement | null {
  const session = useSession();
  const id = useFieldId("pins");
  const nodes = Object.keys(pins);
  if (nodes.length === 0) return null;
  const more = nodes.length - NAMED;
  const first = nodes
    .slice(0, NAMED)
    .map((node) => t("“{name}”", { name: titleOf(session, node) }))
    .join(", ");
  const names = more > 0 ? t("{names} and {count} more", { names: first, count: more }) : first;
  return (
    <div className="run-pins">
      <label className="check" htmlFor={id}>
        <input
          id={id}
          type="checkbox"
          checked={on}
          aria-describedby={`${id}-names`}
          onChange={(event) => onChange(event.target.checked)}
        />
        <PinMark size={14} /> {t("Use what is pinned")}
      </label>
      <p className="field__help" id={`${id}-names`}>
        {on
          ? t("{names}: not called.", { names })
          : t("{names}: called for real this time.", { names })}
      </p>
    </div>
  );
}
