import type { ReactElement } from "react";
import { type GraphDocument, isObject, type JsonObject, type NodeSpec } from "../../model/document";
import * as edits from "../../model/edits";
import { t } from "../../words/t";
import { CalleeFields } from "./CalleeFields";
import { Choice, ExpressionField, NumberField, TextField } from "./fields";
import { QueueField } from "./QueueField";
import { RetryFields, retryWords } from "./RetryFields";
import { Rows } from "./Rows";
import { ToolFields } from "./ToolFields";

interface Props {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
}

const ON_ITEM_ERROR = [
  ["fail", t("The step fails")],
  ["collect", t("Its error stands among the results")],
  ["skip", t("It is left out of the results")],
] as const;
const BODY = ["body"];
const BODIES = [
  ["tool", t("A tool")],
  ["workflow", t("A workflow, run per item")],
] as const;
const DISPATCH = [
  ["local", t("In this run")],
  ["queue", t("In runs of their own, by any worker")],
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
          label={t("For each item of")}
          at="/over"
          value={spec.over}
          placeholder={t("for example queries")}
          onChange={(value) => set("over", value ?? "")}
        />
        <TextField
          mono
          label={t("An item is called")}
          at="/as"
          help={t("The inputs below see this name, and index: 0, 1, 2 …")}
          value={spec.as}
          placeholder={t("item")}
          onChange={(value) => set("as", value)}
        />
      </section>
      <section className="form-group">
        <Choice
          label={t("Each item goes through")}
          value={runsWorkflow ? "workflow" : "tool"}
          options={BODIES}
          onChange={(value) => set("body", value === "workflow" ? { workflow: "" } : { tool: "" })}
        />
        {!runsWorkflow && (
          <Choice
            label={t("Items are worked on")}
            at="/dispatch"
            value={String(spec.dispatch ?? "local")}
            options={DISPATCH}
            onChange={(value) => set("dispatch", value === "local" ? undefined : value)}
          />
        )}
        {(runsWorkflow || spec.dispatch === "queue" || spec.queue !== undefined) && (
          <QueueField
            label={t("Queue of the items' runs")}
            value={spec.queue}
            placeholder={t("as their workflow says")}
            onChange={(value) => set("queue", value)}
          />
        )}
      </section>
      {runsWorkflow ? (
        <CalleeFields id={id} spec={spec} document={document} path={BODY} field="inputs" />
      ) : (
        <>
          <ToolFields id={id} spec={spec} document={document} path={BODY} names={[item, "index"]} />
          <details className="form-group form-details">
            <summary className="form-group__title">
              {t("How each item runs")}{" "}
              <span className="form-details__words">{retryWords(body).join(" · ")}</span>
            </summary>
            <div className="form-details__body">
              <RetryFields id={id} call={body} path={BODY} />
            </div>
          </details>
        </>
      )}
      <section className="form-group">
        <h3 className="form-group__title">{t("The whole list")}</h3>
        <div className="form-pair">
          <NumberField
            label={t("At the same time")}
            at="/max_concurrency"
            value={spec.max_concurrency}
            placeholder={t("as the run allows")}
            min={1}
            onChange={(value) => set("max_concurrency", value)}
          />
          <NumberField
            label={t("Most items")}
            at="/max_items"
            value={spec.max_items}
            placeholder={t("no limit here")}
            min={1}
            onChange={(value) => set("max_items", value)}
          />
        </div>
        <Choice
          label={t("When an item fails")}
          at="/on_item_error"
          value={String(spec.on_item_error ?? "fail")}
          options={ON_ITEM_ERROR}
          onChange={(value) => set("on_item_error", value === "fail" ? undefined : value)}
        />
        <ExpressionField
          label={t("Enough when")}
          at="/complete_when"
          moment="result"
          help={t(
            "Looked at after each item; it sees done, failed, total and results. Empty: all items.",
          )}
          value={spec.complete_when}
          placeholder={t("for example done >= 3")}
          onChange={(value) => set("complete_when", value)}
        />
      </section>
      <Rows
        id={id}
        spec={spec}
        document={document}
        field="collect"
        legend={t("Results")}
        help={t(
          "State keys from results, in the order of the list. Without any, the list is written to “{id}”.",
          { id },
        )}
        example={`results.map(r, r.text)`}
      />
    </>
  );
}
