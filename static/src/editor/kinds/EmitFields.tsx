import type { ReactElement } from "react";
import type { GraphDocument, NodeSpec } from "../../model/document";
import * as edits from "../../model/edits";
import { Choice, ExpressionField, TextField } from "./fields";
import { Rows } from "./Rows";

interface Props {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
}

const MODES = [
  ["keep", "Kept until a step waits for it"],
  ["transient", "Only for steps that wait now"],
] as const;

/** A signal to the waiting steps of the same run. */
export function EmitFields({ id, spec, document }: Props): ReactElement {
  return (
    <>
      <section className="form-group">
        <TextField
          first
          mono
          label="Signal"
          value={spec.signal}
          placeholder="for example payment"
          onChange={(value) => edits.setNode(id, "signal", value ?? "")}
        />
        <ExpressionField
          label="Key"
          help="Only waits with the same key hear it. Empty: all that wait for the signal without one."
          value={spec.key}
          placeholder="for example order_id"
          onChange={(value) => edits.setNode(id, "key", value)}
        />
        <Choice
          label="The signal is"
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
        legend="Payload"
        help="What the waiting step gets, by name."
        example="total"
      />
    </>
  );
}
