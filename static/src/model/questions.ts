/** A form for people as a list of questions, written back into its JSON Schema without a loss. */
import { isObject, type Json, type JsonObject } from "./document";
import { withField } from "./nodes";

export const QUESTION_KINDS = ["text", "number", "yesno", "choice"] as const;
/** `other`: a schema that says more than a question of this list can show. */
export type QuestionKind = (typeof QUESTION_KINDS)[number] | "other";

export interface Question {
  readonly name: string;
  readonly kind: QuestionKind;
  readonly label: string;
  readonly required: boolean;
  readonly choices: readonly string[];
  readonly schema: Json;
}

export function questionsOf(form: JsonObject): Question[] {
  const required = listOf(form.required);
  return Object.entries(propertiesOf(form)).map(([name, schema]) => {
    const fields = isObject(schema) ? (schema as JsonObject) : {};
    return {
      name,
      kind: kindOf(schema),
      label: typeof fields.title === "string" ? fields.title : "",
      required: required.includes(name),
      choices: listOf(fields.enum).map(String),
      schema,
    };
  });
}

function kindOf(schema: Json): QuestionKind {
  if (!isObject(schema)) return "other";
  const { type } = schema;
  if (Array.isArray(schema.enum)) {
    const plain = (type ?? "string") === "string" && schema.enum.every(isText);
    return plain ? "choice" : "other";
  }
  const kinds: Record<string, QuestionKind> = {
    string: "text",
    number: "number",
    integer: "number",
    boolean: "yesno",
  };
  return typeof type === "string" && Object.hasOwn(kinds, type)
    ? (kinds[type] ?? "other")
    : "other";
}

const isText = (value: unknown) => typeof value === "string";
const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

function propertiesOf(form: JsonObject): JsonObject {
  return isObject(form.properties) ? (form.properties as unknown as JsonObject) : {};
}

/** Whether the list can show the form at all; otherwise only its JSON can be edited. */
export function isList(form: Json | undefined): form is JsonObject {
  if (!isObject(form)) return form === undefined;
  const { type, properties, required } = form;
  return (
    (type ?? "object") === "object" &&
    (properties === undefined || isObject(properties)) &&
    (required === undefined || Array.isArray(required))
  );
}

export function addQuestion(form: JsonObject, name: string): JsonObject {
  return putSchema({ type: "object", ...form }, name, { type: "string" });
}

export function putSchema(form: JsonObject, name: string, schema: Json): JsonObject {
  return { ...form, properties: { ...propertiesOf(form), [name]: schema } };
}

const TYPES: Readonly<Record<string, string>> = {
  text: "string",
  number: "number",
  yesno: "boolean",
  choice: "string",
};

/** Ask for another kind of answer; the words of the question stay. */
export function setKind(form: JsonObject, name: string, kind: QuestionKind): JsonObject {
  const type = TYPES[kind];
  const old = propertiesOf(form)[name];
  if (!type || !isObject(old) || kindOf(old as JsonObject) === kind) return form;
  const cleared = withField(withField(old as JsonObject, "default", undefined), "enum", undefined);
  const asks = kind === "choice" ? { enum: ["yes", "no"] } : {};
  return putSchema(form, name, { ...cleared, type, ...asks });
}

export function setQuestionField(
  form: JsonObject,
  name: string,
  field: string,
  value: Json | undefined,
): JsonObject {
  const old = propertiesOf(form)[name];
  return isObject(old) ? putSchema(form, name, withField(old as JsonObject, field, value)) : form;
}

export function setRequired(form: JsonObject, name: string, on: boolean): JsonObject {
  const rest = listOf(form.required).filter((each) => each !== name);
  const next = on ? [...rest, name] : rest;
  return withField(form, "required", next.length ? next : undefined);
}

export function renameQuestion(form: JsonObject, from: string, to: string): JsonObject {
  const rename = <T>(name: T) => (name === from ? to : name);
  const properties = Object.fromEntries(
    Object.entries(propertiesOf(form)).map(([name, schema]) => [rename(name), schema]),
  );
  const next = { ...form, properties };
  return Array.isArray(form.required) ? { ...next, required: form.required.map(rename) } : next;
}

export function removeQuestion(form: JsonObject, name: string): JsonObject {
  const properties = withField(propertiesOf(form), name, undefined);
  return setRequired({ ...form, properties }, name, false);
}
