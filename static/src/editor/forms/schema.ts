/** Reading JSON Schema for forms. */
import type { Json } from "../../model/document";
import type { Schema } from "../boot";

export type FieldKind =
  | "text"
  | "secret"
  | "integer"
  | "number"
  | "boolean"
  | "choice"
  | "list"
  | "object"
  | "json";

/** A schema with its `$ref` followed and `X or null` read as X. */
export function resolve(schema: Schema, root: Schema = schema): Schema {
  const target = schema.$ref?.split("/").at(-1);
  if (target !== undefined && root.$defs?.[target]) {
    return { ...resolve(root.$defs[target], root), ...pickWords(schema) };
  }
  const options = schema.anyOf?.filter((option) => option.type !== "null");
  if (options?.length === 1 && options[0]) {
    return { ...resolve(options[0], root), ...pickWords(schema) };
  }
  return schema;
}

function pickWords({ title, description, default: value }: Schema): Schema {
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(value === undefined ? {} : { default: value }),
  };
}

export function kindOf(schema: Schema): FieldKind {
  if (schema.enum) return "choice";
  const type = typeWord(schema);
  if (type === "string") return schema.format === "secret" ? "secret" : "text";
  if (type === "integer" || type === "number" || type === "boolean") return type;
  if (type === "array") return isSimple(schema.items) ? "list" : "json";
  if (type === "object") return schema.properties ? "object" : "json";
  return "json";
}

/** The one type a schema allows beside null, or null when there are several or none. */
export function typeWord(schema: Schema): string | null {
  const words = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter(
    (word): word is string => typeof word === "string" && word !== "null",
  );
  return words.length === 1 ? (words[0] ?? null) : null;
}

function isSimple(items: Schema | undefined): boolean {
  return items !== undefined && ["text", "integer", "number", "choice"].includes(kindOf(items));
}

/** Whether a plain value can be shown by the field for its schema. */
export function fits(schema: Schema, value: Json): boolean {
  switch (kindOf(schema)) {
    case "text":
    case "secret":
      return typeof value === "string";
    case "integer":
      return Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    case "choice":
      return schema.enum?.some((option) => option === value) ?? false;
    case "list":
      return Array.isArray(value) && value.every((item) => fits(schema.items ?? {}, item));
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "json":
      return true;
  }
}

/** What a field begins with when a person starts to fill it in. */
export function firstValue(schema: Schema): Json {
  if (schema.default !== undefined) return schema.default;
  const first: Record<FieldKind, Json> = {
    text: "",
    secret: "",
    integer: schema.minimum ?? 0,
    number: schema.minimum ?? 0,
    boolean: false,
    choice: schema.enum?.[0] ?? null,
    list: [],
    object: {},
    json: typeWord(schema) === "array" ? [] : typeWord(schema) === "object" ? {} : null,
  };
  return first[kindOf(schema)];
}

/** Why a value does not satisfy its schema, in words; null when it does. */
export function complaint(schema: Schema, value: Json): string | null {
  if (typeof value === "number") {
    if (schema.minimum !== undefined && value < schema.minimum)
      return `At least ${schema.minimum}.`;
    if (schema.maximum !== undefined && value > schema.maximum) return `At most ${schema.maximum}.`;
  }
  if (typeof value === "string") {
    const { minLength, maxLength } = schema;
    if (minLength !== undefined && value.length < minLength) {
      return minLength === 1 ? "This must not be empty." : `At least ${minLength} characters.`;
    }
    if (maxLength !== undefined && value.length > maxLength)
      return `At most ${maxLength} characters.`;
  }
  return null;
}

/** "an integer", "a list": what a schema wants, for people. */
export function typeWords(schema: Schema): string {
  const words: Record<string, string> = {
    string: "text",
    integer: "whole number",
    number: "number",
    boolean: "yes or no",
    array: "list",
    object: "object",
  };
  if (kindOf(schema) === "secret") return "name of a secret";
  return schema.enum ? "choice" : (words[typeWord(schema) ?? ""] ?? "any value");
}
