import type { ReactElement } from "react";
import { Icon } from "../../canvas/icons";
import type { Json, JsonObject } from "../../model/document";
import type * as edits from "../../model/edits";
import { freshId } from "../../model/ids";
import * as questions from "../../model/questions";
import { t } from "../../words/t";
import { JsonInput } from "../forms/values";
import { useFieldId, useSession } from "../hooks";
import { Check, Choice, NamesField, TextField } from "./fields";
import { NameInput } from "./NameInput";

const KINDS = [
  ["text", t("Text")],
  ["number", t("Number")],
  ["yesno", t("Yes or no")],
  ["choice", t("One of a list")],
] as const;
const OTHER = [...KINDS, ["other", t("Something else (JSON)")]] as const;

interface Props {
  /** Tells one form from another, so that typing in it is one step of undo. */
  readonly id: string;
  readonly form: Json | undefined;
  readonly put: (next: Json) => ReturnType<typeof edits.setNode>;
}

/** The questions of a form; its JSON Schema is there for all that the list cannot say. */
export function FormFields({ id, form, put }: Props): ReactElement {
  const session = useSession();
  const json = useFieldId("form-json");
  const list = questions.isList(form) ? (form ?? {}) : null;
  const asked = list ? questions.questionsOf(list) : [];
  return (
    <section className="form-group">
      <h3 className="form-group__title">{t("Questions")}</h3>
      {list &&
        asked.map((question) => (
          <QuestionFields key={question.name} question={question} form={list} put={put} />
        ))}
      {list && asked.length === 0 && (
        <p className="field__help">{t("None: the person only confirms.")}</p>
      )}
      {list && session.canEdit && (
        <button
          type="button"
          className="button button--small"
          onClick={() => {
            const name = freshId("answer", (taken) => asked.some((each) => each.name === taken));
            session.edit(put(questions.addQuestion(list, name)), t("Added {name}", { name }));
          }}
        >
          <Icon name="add" size={12} /> {t("Add a question")}
        </button>
      )}
      <details className="form-details" open={list === null}>
        <summary className="field__label">{t("As JSON Schema")}</summary>
        <JsonInput
          id={json}
          label={t("The form as JSON Schema")}
          schema={{}}
          root={{}}
          value={form ?? {}}
          disabled={!session.canEdit}
          onChange={(next) => session.edit(put(next), null, `form ${id}`)}
        />
      </details>
    </section>
  );
}

interface QuestionProps {
  readonly question: questions.Question;
  readonly form: JsonObject;
  readonly put: (form: Json) => ReturnType<typeof edits.setNode>;
}

function QuestionFields({ question, form, put }: QuestionProps): ReactElement {
  const session = useSession();
  const json = useFieldId("question-json");
  const { name, kind } = question;
  return (
    <fieldset className="row-card" aria-label={t("Question {name}", { name })}>
      <div className="row-card__head">
        <NameInput
          name={name}
          label={t("Name of the question {name}", { name })}
          taken={(other) => questions.questionsOf(form).some((each) => each.name === other)}
          onRename={(next) =>
            session.edit(
              put(questions.renameQuestion(form, name, next)),
              t("Renamed to {name}", { name: next }),
            )
          }
        />
        <button
          type="button"
          className="mode"
          aria-label={t("Remove the question {name}", { name })}
          title={t("Remove")}
          disabled={!session.canEdit}
          onClick={() =>
            session.edit(put(questions.removeQuestion(form, name)), t("Removed {name}", { name }))
          }
        >
          <Icon name="close" size={12} />
        </button>
      </div>
      <Choice
        label={t("Answer")}
        value={kind}
        options={kind === "other" ? OTHER : KINDS}
        onChange={(next) => put(questions.setKind(form, name, next as questions.QuestionKind))}
      />
      {kind === "other" ? (
        <JsonInput
          id={json}
          label={t("{name} as JSON Schema", { name })}
          schema={{}}
          root={{}}
          value={question.schema}
          disabled={!session.canEdit}
          onChange={(next) =>
            session.edit(put(questions.putSchema(form, name, next)), null, `question ${name}`)
          }
        />
      ) : (
        <TextField
          label={t("Question")}
          value={question.label}
          placeholder={name}
          onChange={(value) => put(questions.setQuestionField(form, name, "title", value))}
        />
      )}
      {kind === "choice" && (
        <NamesField
          label={t("Choices")}
          help={t("With commas between them.")}
          placeholder={t("approve, reject")}
          value={question.choices}
          onChange={(choices) => put(questions.setQuestionField(form, name, "enum", choices))}
        />
      )}
      <Check
        label={t("Must be answered")}
        checked={question.required}
        onChange={(on) => put(questions.setRequired(form, name, on))}
      />
    </fieldset>
  );
}
