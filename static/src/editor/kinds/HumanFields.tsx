import type { ReactElement } from "react";
import { type GraphDocument, isObject, type JsonObject, type NodeSpec } from "../../model/document";
import * as edits from "../../model/edits";
import { t } from "../../words/t";
import { FormFields } from "./FormFields";
import { NamesField, TextField } from "./fields";
import { Rows } from "./Rows";

interface Props {
  readonly id: string;
  readonly spec: NodeSpec;
  readonly document: GraphDocument;
}

/** What people are asked, who may answer and by when. */
export function HumanFields({ id, spec, document }: Props): ReactElement {
  const assignees = (isObject(spec.assignees) ? spec.assignees : {}) as JsonObject;
  const users = Array.isArray(assignees.users) ? assignees.users.map(String) : [];
  return (
    <>
      <section className="form-group">
        <TextField
          first
          long
          label={t("What is asked")}
          at="/description"
          value={spec.description}
          placeholder={t("What the person needs to know to answer")}
          onChange={(value) => edits.setNode(id, "description", value)}
        />
      </section>
      <FormFields id={id} form={spec.form} put={(next) => edits.setNode(id, "form", next)} />
      <section className="form-group">
        <h3 className="form-group__title">{t("Who answers, and when")}</h3>
        <NamesField
          label={t("People")}
          at="/assignees"
          help={t(
            "User names with commas between them. Nobody named: anyone who may run the workflow.",
          )}
          placeholder={t("for example ann, bob")}
          value={users}
          onChange={(names) =>
            edits.setNodePath(id, ["assignees", "users"], names.length ? names : undefined)
          }
        />
        <TextField
          label={t("Group")}
          at="/assignees/group"
          value={assignees.group}
          placeholder={t("for example maintainers")}
          onChange={(value) => edits.setNodePath(id, ["assignees", "group"], value)}
        />
        <TextField
          label={t("Due")}
          at="/due"
          help={t(
            "30m, 48h or 7d after it is asked. Then the way “timeout” is taken, or the run fails.",
          )}
          value={spec.due}
          placeholder={t("never")}
          onChange={(value) => edits.setNode(id, "due", value)}
        />
      </section>
      <Rows
        id={id}
        spec={spec}
        document={document}
        field="outputs"
        legend={t("Outputs")}
        help={t("State keys from the answer. Without any, the answers are merged into the state.")}
        example="answer.approved"
      />
    </>
  );
}
