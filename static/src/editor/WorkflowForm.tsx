import type { ReactElement } from "react";
import type { Json } from "../model/document";
import * as edits from "../model/edits";
import { withField } from "../model/nodes";
import { stateKeys } from "../model/statekeys";
import { t } from "../words/t";
import { PointerProvider } from "./forms/At";
import { useEditor, useFieldId, useSession } from "./hooks";
import { QueueField } from "./kinds/QueueField";
import { StateForm } from "./StateForm";

/** What belongs to the workflow as a whole: shown while nothing is selected. */
export function WorkflowForm(): ReactElement {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const nameId = useFieldId("name");
  const descriptionId = useFieldId("description");
  return (
    <div className="form-stack">
      <div className="field">
        <label className="field__label" htmlFor={nameId}>
          {t("Name")}
        </label>
        <input
          id={nameId}
          className="input"
          value={String(document.name ?? "")}
          disabled={!session.canEdit}
          onChange={(event) =>
            session.edit(edits.setPart("name", event.target.value), null, "workflow name")
          }
        />
      </div>
      <div className="field">
        <label className="field__label" htmlFor={descriptionId}>
          {t("What it does")}
        </label>
        <textarea
          id={descriptionId}
          className="textarea form-area"
          rows={3}
          value={String(document.description ?? "")}
          disabled={!session.canEdit}
          onChange={(event) =>
            session.edit(
              edits.setPart("description", event.target.value || undefined),
              null,
              "workflow description",
            )
          }
        />
      </div>
      <StateForm keys={stateKeys(document)} />
      <LimitsForm limits={(document.limits ?? {}) as Readonly<Record<string, Json>>} />
      <section className="form-group">
        <h3 className="form-group__title">{t("Workers")}</h3>
        <PointerProvider value="">
          <QueueField
            label={t("Queue of its runs")}
            value={document.queue as Json | undefined}
            placeholder={t("default")}
            onChange={(value) => edits.setPart("queue", value)}
          />
        </PointerProvider>
      </section>
    </div>
  );
}

function LimitsForm({ limits }: { limits: Readonly<Record<string, Json>> }): ReactElement {
  const session = useSession();
  const id = useFieldId("max-steps");
  return (
    <section className="form-group">
      <h3 className="form-group__title">{t("Limits")}</h3>
      <div className="field">
        <label className="field__label" htmlFor={id}>
          {t("Steps of a run")}
        </label>
        <input
          id={id}
          className="input"
          type="number"
          min={1}
          placeholder="1000"
          value={typeof limits.max_steps === "number" ? limits.max_steps : ""}
          disabled={!session.canEdit}
          onChange={(event) => {
            const count = Number.parseInt(event.target.value, 10);
            const next = withField(limits, "max_steps", count >= 1 ? count : undefined);
            session.edit(
              edits.setPart("limits", Object.keys(next).length ? next : undefined),
              null,
              "limits",
            );
          }}
        />
        <span className="field__help">
          {t("After so many the run pauses, so that no loop runs for ever.")}
        </span>
      </div>
    </section>
  );
}
