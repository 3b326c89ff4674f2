import type { ReactElement } from "react";
import { Icon } from "../canvas/icons";
import type { Json } from "../model/document";
import * as edits from "../model/edits";
import { withField } from "../model/nodes";
import { strayPlaces } from "../model/problems";
import { stateKeys } from "../model/statekeys";
import { t, tn } from "../words/t";
import { At, PointerProvider } from "./forms/At";
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
      <StrayPlaces />
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

/** Places for steps that are not there: nothing on the canvas shows them, and nothing runs with them. */
function StrayPlaces(): ReactElement | null {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const stray = strayPlaces(document);
  if (stray.length === 0) return null;
  const remove = () => {
    const { nodes, layout } = session.document;
    const kept = Object.entries(layout).filter(([id]) => Object.hasOwn(nodes, id));
    const said = tn("Removed {count} place", "Removed {count} places", stray.length);
    session.edit(edits.setPart("layout", Object.fromEntries(kept)), said);
    session.backToCanvas();
  };
  return (
    <PointerProvider value="">
      <At at="/layout">
        <span className="field__label">{t("Places without a step")}</span>
        <div>
          <button
            type="button"
            className="button button--small"
            disabled={!session.canEdit}
            onClick={remove}
          >
            <Icon name="trash" size={12} />{" "}
            {tn("Remove the place", "Remove {count} places", stray.length)}
          </button>
        </div>
      </At>
    </PointerProvider>
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
