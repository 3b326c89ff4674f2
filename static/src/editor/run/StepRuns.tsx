import type { ReactElement } from "react";
import { Icon } from "../../canvas/icons";
import { t } from "../../words/t";
import { useSession } from "../hooks";
import { askToRun } from "../running";
import type { Reach } from "./plan";

const WAYS: readonly (readonly [Reach, string, string])[] = [
  ["only", t("This step"), t("Run this step alone")],
  ["to", t("To here"), t("Run up to this step (Shift+Enter)")],
  ["from", t("From here"), t("Run this step and what comes behind it")],
];

/** Test runs of a part of the draft, at the step whose settings are shown. */
export function StepRuns(): ReactElement {
  const session = useSession();
  return (
    <div className="step-runs" role="group" aria-label={t("Run a part of the draft")}>
      <Icon name="run" size={12} />
      {WAYS.map(([reach, label, words]) => (
        <button
          key={reach}
          type="button"
          className="button button--small"
          title={words}
          aria-label={words}
          onClick={() => askToRun(session, reach)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
