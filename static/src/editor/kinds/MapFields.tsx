import type { ReactElement } from "react";
import { type GraphDocument, isObject, type JsonObject, type NodeSpec } from "../../model/document";
import * as edits from "../../model/edits";
import { CalleeFields } from "./CalleeFields";
import { Choice, ExpressionField, NumberField, TextField } from "./fields";
import { RetryFields } from "./RetryFields";
import { Rows } from "./Rows";
import { ToolFields } from "./ToolFields";

interface Props {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
}

const ON_ITEM_ERROR = [
  ["fail", "The step fails"],
  ["collect", "Its error stands among the results"],
  ["skip", "It is left out of the results"],
] as const;
const BODY = ["body"];
const BODIES = [
  ["tool", "A tool"],
  ["workflow", "A workflow, run per item"],
] as const;
const DISPATCH = [
  ["local", "In this run"],
  ["queue", "In runs of their own, by any worker"],
] as const;

/** A list, the tool or workflow for each of its items, and what becomes of the results. */
export function MapFields({ id, spec, document }: Props): ReactElement {
  const set = (field: string, value: unknown) => edits.setNode(id, field, value);
  const item = typeof spec.as === "string" && spec.as ? spec.as : "item";
  const body = (isObject(spec.body) ? spec.body : {}) as JsonObject;
  const runsWorkflow = Object.hasOwn(body, "workflow");
  return (
    <>
      <section className="form-group">
        <ExpressionField
          first
          label="For each item of"
          value={spec.over}
          placeholder="for example queries"
          onChange={(value) => set("over", value ?? "")}
        />
        <TextField
          mono
          label="An item is called"
          help="The inputs below see this name, and index: 0, 1, 2 …"
          value={spec.as}
          placeholder="item"
          onChange={(value) => set("as", value)}
        />
      </section>
      <section className="form-group">
        <Choice
          label="Each item goes through"
          value={runsWorkflow ? "workflow" : "tool"}
          options={BODIES}
          onChange={(value) => set("body", value === "workflow" ? { workflow: "" } : { tool: "" })}
        />
        {!runsWorkflow && (
          <Choice
            label="Items are worked on"
            value={String(spec.dispatch ?? "local")}
            options={DISPATCH}
            onChange={(value) => set("dispatch", value === "local" ? undefined : value)}
          />
        )}
      </section>
      {runsWorkflow ? (
        <CalleeFields id={id} spec={spec} document={document} path={BODY} field="inputs" />
      ) : (
        <>
          <ToolFields id={id} spec={spec} document={document} path={BODY} names={[item, "index"]} />
          <RetryFields id={id} call={body} path={BODY} />
        </>
      )}
      <section className="form-group">
        <h3 className="form-group__title">The whole list</h3>
        <div className="form-pair">
          <NumberField
            label="At the same time"
            value={spec.max_concurrency}
            placeholder="as the run allows"
            min={1}
            onChange={(value) => set("max_concurrency", value)}
          />
          <NumberField
            label="Most items"
            value={spec.max_items}
            placeholder="no limit here"
            min={1}
            onChange={(value) => set("max_items", value)}
          />
        </div>
        <Choice
          label="When an item fails"
          value={String(spec.on_item_error ?? "fail")}
          options={ON_ITEM_ERROR}
          onChange={(value) => set("on_item_error", value === "fail" ? undefined : value)}
        />
        <ExpressionField
          label="Enough when"
          help="Looked at after each item; it sees done, failed, total and results. Empty: all items."
          value={spec.complete_when}
          placeholder="for example done >= 3"
          onChange={(value) => set("complete_when", value)}
        />
      </section>
      <Rows
        id={id}
        spec={spec}
        document={document}
        field="collect"
        legend="Results"
        help={`State keys from results, in the order of the list. Without any, the list is written to “${id}”.`}
        example={`results.map(r, r.text)`}
      />
    </>
  );
}
