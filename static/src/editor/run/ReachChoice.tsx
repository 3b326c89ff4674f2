import type { ReactElement } from "react";
import { t, tp } from "../../words/t";
import { useFieldId } from "../hooks";
import type { Reach, RunPlan } from "./plan";

const REACHES: readonly (readonly [Reach, string, string])[] = [
  ["all", tp("reach", "All"), t("From the start to the end.")],
  ["to", t("To here"), t("From the start up to this step; what comes behind it is not run.")],
  ["only", t("Only this"), t("This step alone. Those before it are not called again.")],
  [
    "from",
    t("From here"),
    t("This step and what comes behind it. Those before it are not called again."),
  ],
];

interface Props {
  readonly plan: RunPlan;
  readonly title: string;
  readonly onChange: (reach: Reach) => void;
}

/** How much of the draft is run, seen from the step at hand. */
export function ReachChoice({ plan, title, onChange }: Props): ReactElement {
  const name = useFieldId("reach");
  const words = REACHES.find(([reach]) => reach === plan.reach)?.[2];
  return (
    <fieldset className="reach">
      <legend className="field__label">{t("Seen from “{name}”", { name: title })}</legend>
      <div className="reach__choices">
        {REACHES.map(([reach, label]) => (
          <label key={reach} className="reach__choice">
            <input
              type="radio"
              className="visually-hidden"
              name={name}
              checked={plan.reach === reach}
              onChange={() => onChange(reach)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
      <p className="field__help" aria-live="polite">
        {words}
      </p>
    </fieldset>
  );
}
