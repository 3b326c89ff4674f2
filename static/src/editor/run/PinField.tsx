import { type ReactElement, useState } from "react";
import { PinMark } from "../../canvas/PinMark";
import type { Json, NodeSpec } from "../../model/document";
import { pinnable, pinRefusal, pinsOf } from "../../model/pins";
import { t } from "../../words/t";
import { JsonInput } from "../forms/values";
import { useEditor, useFieldId, useSession } from "../hooks";
import { pinLastOutput } from "./pinLast";
import { pinValue, unpin } from "./pinning";

/** The output that stands in for a step in test runs: pinned, written, or none. */
export function PinField({ id, spec }: { id: string; spec: NodeSpec }): ReactElement | null {
  const pins = useEditor((state) => pinsOf(state.document));
  const pinned = Object.hasOwn(pins, id);
  if (!pinned && !pinnable(spec)) return null;
  return (
    <section className="pin-field" aria-label={t("Pinned output")}>
      <h3 className="field__label">
        <PinMark size={14} /> {t("Pinned output")}
      </h3>
      {pinned ? <Pinned id={id} value={pins[id] as Json} /> : <Unpinned id={id} />}
    </section>
  );
}

function Unpinned({ id }: { id: string }): ReactElement {
  const session = useSession();
  const [busy, setBusy] = useState(false);
  return (
    <>
      <p className="field__help">
        {t("None. With one, test runs go on with it and do not call this step.")}
      </p>
      {session.canEdit && (
        <div className="form-actions">
          <button
            type="button"
            className="button button--small"
            disabled={busy}
            title={t("Pin what the step gave in the last run (P on the canvas)")}
            onClick={() => {
              setBusy(true);
              void pinLastOutput(session, id).finally(() => setBusy(false));
            }}
          >
            {busy ? t("Looking…") : t("Pin the last output")}
          </button>
          <button
            type="button"
            className="button button--quiet button--small"
            data-field="pin"
            onClick={() => {
              if (pinValue(session, id, {})) session.focusField("pin");
            }}
          >
            {t("Write one")}
          </button>
        </div>
      )}
    </>
  );
}

function Pinned({ id, value }: { id: string; value: Json }): ReactElement {
  const session = useSession();
  const field = useFieldId("pin");
  const [refused, setRefused] = useState<string | null>(null);
  return (
    <>
      <p className="field__help" id={`${field}-help`}>
        {t(
          "Test runs do not call this step: this goes through its outputs. Published versions call it.",
        )}
      </p>
      <div className="pin-field__value" data-field="pin">
        <JsonInput
          id={field}
          label={t("Pinned output as JSON")}
          schema={{}}
          root={{}}
          value={value}
          disabled={!session.canEdit}
          invalid={refused !== null}
          onChange={(next) => {
            const why = pinRefusal(next);
            setRefused(why);
            if (why === null) pinValue(session, id, next, true);
          }}
        />
      </div>
      {refused && (
        <span className="field__error" role="alert">
          {refused}
        </span>
      )}
      {session.canEdit && (
        <div className="form-actions">
          <button type="button" className="button button--small" onClick={() => unpin(session, id)}>
            {t("Unpin")}
          </button>
          <button
            type="button"
            className="button button--quiet button--small"
            onClick={() => void pinLastOutput(session, id)}
          >
            {t("Take the last output")}
          </button>
        </div>
      )}
    </>
  );
}
