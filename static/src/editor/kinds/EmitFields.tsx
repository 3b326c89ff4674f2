import type { ReactElement } from "react";
import type { GraphDocument, NodeSpec } from "../../model/document";
import * as edits from "../../model/edits";
import { t } from "../../words/t";
import { Choice, ExpressionField, TextField } from "./fields";
import { Rows } from "./Rows";

interface Props {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
}

const MODES = [
  ["keep", t("Kept until a step waits for it")],
  ["transient", t("Only for steps that wait now")],
] as const;

/** A signal to a step that waits: of this run first, else of the other runs of its owner. */
export function EmitFields({ id, spec, document }: Props): ReactElement {
  return (
    <>
      <section className="form-group">
        <TextField
          first
          mono
          label={t("Signal")}
          at="/signal"
          value={spec.signal}
          placeholder={t("for example payment")}
          onChange={(value) => edits.setNode(id, "signal", value ?? "")}
        />
        <ExpressionField
          label={t("Key")}
          at="/key"
          help={t(
            "One step hears it: the one that has waited longest for this key, or for any key.",
          )}
          value={spec.key}
          placeholder={t("for example order_id")}
          onChange={(value) => edits.setNode(id, "key", value)}
        />
        <Choice
          label={t("The signal is")}
          at="/mode"
          value={String(spec.mode ?? "keep")}
          options={MODES}
          onChange={(value) => edits.setNode(id, "mode", value === "keep" ? undefined : value)}
        />
      </section>
      <Rows
        id={id}
        spec={spec}
        document={document}
        field="payload"
        legend={t("Payload")}
        help={t("What the waiting step gets, by name.")}
        example="total"
      />
    </>
  );
}
