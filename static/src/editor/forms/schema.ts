/** Reading JSON Schema for forms: which field a value has, what it begins with, what is wrong with it. */
import { isObject, type Json } from "../../model/document";
import { t, tn } from "../../words/t";
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
  | "map"
  | "variants"
  | "json";

/** Schemas that hold themselves are followed so far. */
const DEEPEST = 12;

/** A schema with its `$ref` followed, `allOf` joined and `X or null` read as X. */
export function resolve(schema: Schema, root: Schema = schema, depth = 0): Schema {
  if (depth > DEEPEST) return pickWords(schema);
  const target = schema.$ref === undefined ? undefined : referred(schema.$ref, root);
  if (target) return { ...resolve(target, root, depth + 1), ...pickWords(schema) };
  if (schema.allOf) {
    const { allOf, ...own } = schema;
    const parts = allOf.map((part) => resolve(part, root, depth + 1));
    return [...parts, own].reduce<Schema>(joined, {});
  }
  const options = optionsOf(schema);
  const [only] = options;
  if (options.length === 1 && only && (schema.anyOf || schema.oneOf)) {
    return { ...resolve(only, root, depth + 1), ...pickWords(schema) };
  }
  return schema;
}

/** The part of the root that a local reference names; undefined for any other reference. */
function referred(ref: string, root: Schema): Schema | undefined {
  if (!ref.startsWith("#/")) return undefined;
  const steps = ref
    .slice(2)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const found = steps.reduce<unknown>(
    (at, step) => (isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined),
    root,
  );
  return isObject(found) ? (found as Schema) : undefined;
}

function joined(a: Schema, b: Schema): Schema {
  const required = [...(a.required ?? []), ...(b.required ?? [])];
  return {
    ...a,
    ...b,
    ...(a.properties || b.properties ? { properties: { ...a.properties, ...b.properties } } : {}),
    ...(required.length ? { required } : {}),
  };
}

function pickWords({ title, description, default: value }: Schema): Schema {
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(value === undefined ? {} : { default: value }),
  };
}

const isNull = (option: Schema) => option.type === "null" || option.const === null;

/** The several shapes a value may have, beside null. */
export function optionsOf(schema: Schema): readonly Schema[] {
  const given = schema.oneOf ?? schema.anyOf;
  if (given) return given.filter((option) => !isNull(option));
  const types = Array.isArray(schema.type) ? schema.type.filter((type) => type !== "null") : [];
  return types.length > 1 ? types.map((type) => ({ ...schema, type })) : [];
}

/** Whether null is a value of its own. */
export function allowsNull(schema: Schema): boolean {
  if (Array.isArray(schema.type) ? schema.type.includes("null") : schema.type === "null")
    return true;
  return (
    (schema.oneOf ?? schema.anyOf ?? []).some(isNull) || (schema.enum?.includes(null) ?? false)
  );
}

/** The values that can be chosen, each with its words; null when it is no choice. */
export function choicesOf(schema: Schema): readonly (readonly [Json, string])[] | null {
  if (schema.enum) return schema.enum.map((each) => [each, wordsOf(each)]);
  if (schema.const !== undefined) return [[schema.const, wordsOf(schema.const)]];
  const options = schema.oneOf ?? schema.anyOf ?? [];
  if (options.length < 2 || options.some((option) => option.const === undefined)) return null;
  return options.map((option) => [
    option.const as Json,
    option.title ?? wordsOf(option.const as Json),
  ]);
}

const wordsOf = (value: Json) => (typeof value === "string" ? value : JSON.stringify(value));

export function kindOf(schema: Schema): FieldKind {
  if (choicesOf(schema)) return "choice";
  if (optionsOf(schema).length > 1) return "variants";
  const type = typeWord(schema);
  if (type === "string") return schema.format === "secret" ? "secret" : "text";
  if (type === "integer" || type === "number" || type === "boolean") return type;
  if (type === "array") return hasItems(schema.items) ? "list" : "json";
  if (type === "object") {
    if (schema.properties) return "object";
    return isObject(schema.additionalProperties) ? "map" : "json";
  }
  return "json";
}

/** Items with a `$ref` are looked at once it is followed. */
function hasItems(items: Schema | undefined): boolean {
  if (!items) return false;
  return items.$ref !== undefined || kindOf(resolve(items)) !== "json";
}

/** The one type a schema allows beside null, or null when there are several or none. */
export function typeWord(schema: Schema): string | null {
  const words = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter(
    (word): word is string => typeof word === "string" && word !== "null",
  );
  return words.length === 1 ? (words[0] ?? null) : null;
}

/** Whether a plain value can be shown by the field for its schema. */
export function fits(schema: Schema, value: Json, root: Schema = schema): boolean {
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
      return choicesOf(schema)?.some(([option]) => same(option, value)) ?? false;
    case "variants":
      return variantOf(schema, value, root) >= 0;
    case "list":
      return (
        Array.isArray(value) &&
        value.every((item) => fits(resolve(schema.items ?? {}, root), item, root))
      );
    case "object":
    case "map":
      return isObject(value);
    case "json":
      return true;
  }
}

/** Which of its shapes a value has: the first without a mistake, else the first that can show it. */
export function variantOf(schema: Schema, value: Json, root: Schema): number {
  const options = optionsOf(schema).map((option) => resolve(option, root));
  const right = options.findIndex(
    (option) => fits(option, value, root) && mistakesOf(option, value, root).length === 0,
  );
  return right >= 0 ? right : options.findIndex((option) => fits(option, value, root));
}

/** What a shape is called where one of several is chosen. */
export function variantWords(option: Schema, index: number): string {
  if (option.title) return option.title;
  const named = Object.values(option.properties ?? {}).find((each) => each.const !== undefined);
  if (named) return wordsOf(named.const as Json);
  const words = typeWords(option);
  return words === ANY ? t("Shape {number}", { number: index + 1 }) : words;
}

/** The title, unless it only repeats the name in other letters, as Pydantic makes them. */
export function labelOf(name: string, { title }: Schema): string {
  const plain = (text: string) => text.toLowerCase().replace(/[\s_-]+/g, "");
  return typeof title === "string" && title && plain(title) !== plain(name) ? title : name;
}

/** What a field begins with when a person starts to fill it in. */
export function firstValue(schema: Schema, root: Schema = schema, depth = 0): Json {
  // Where null is the default, nobody fills in a field to leave it at that.
  if (schema.default !== undefined && schema.default !== null) return schema.default;
  if (depth > DEEPEST) return null;
  const inner = (each: Schema) => firstValue(resolve(each, root), root, depth + 1);
  const some = (item: Json) =>
    Array.from({ length: Math.min(20, schema.minItems ?? 0) }, () => item);
  switch (kindOf(schema)) {
    case "text":
    case "secret":
      return "";
    case "integer":
    case "number":
      return least(schema);
    case "boolean":
      return false;
    case "choice":
      return choicesOf(schema)?.[0]?.[0] ?? null;
    case "variants":
      return inner(optionsOf(schema)[0] ?? {});
    case "list":
      return some(inner(schema.items ?? {}));
    case "object": {
      const needed = (schema.required ?? []).filter((name) => schema.properties?.[name]);
      return Object.fromEntries(
        needed.map((name) => [name, inner(schema.properties?.[name] ?? {})]),
      );
    }
    case "map":
      return {};
    case "json":
      return typeWord(schema) === "array" ? some(null) : typeWord(schema) === "object" ? {} : null;
  }
}

/** The number nearest to zero that fits. */
function least({ type, minimum, exclusiveMinimum, maximum }: Schema): number {
  const step = type === "integer" ? 1 : 0.1;
  const above = exclusiveMinimum === undefined ? undefined : exclusiveMinimum + step;
  return Math.min(Math.max(0, minimum ?? 0, above ?? 0), maximum ?? Number.POSITIVE_INFINITY);
}

export interface Mistake {
  /** JSON pointer to the part that is wrong, from the value itself: empty for all of it. */
  readonly at: string;
  readonly message: string;
}

/** Everything about a value that its schema does not allow, each at its place. */
export function mistakesOf(
  given: Schema,
  value: Json,
  root: Schema = given,
  at = "",
  depth = 0,
): Mistake[] {
  const schema = resolve(given, root);
  if (value === null && allowsNull(given)) return [];
  const own = complaint(schema, value);
  const found: Mistake[] = own === null ? [] : [{ at, message: own }];
  if (depth > DEEPEST) return found;
  const inner = (part: Schema, child: Json, key: string | number) =>
    mistakesOf(part, child, root, `${at}/${escaped(key)}`, depth + 1);
  const kind = kindOf(schema);
  if (kind === "variants") {
    const chosen = optionsOf(schema)[variantOf(schema, value, root)];
    return chosen ? [...found, ...mistakesOf(chosen, value, root, at, depth + 1)] : found;
  }
  if (kind === "list" && Array.isArray(value)) {
    return [...found, ...value.flatMap((item: Json, n) => inner(schema.items ?? {}, item, n))];
  }
  if (!isObject(value) || (kind !== "object" && kind !== "map")) return found;
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name))
      found.push({ at: `${at}/${escaped(name)}`, message: t("This is needed.") });
  }
  for (const [key, child] of Object.entries(value)) {
    const part = Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : null;
    if (part) found.push(...inner(part, child as Json, key));
    else if (schema.additionalProperties === false) {
      found.push({
        at: `${at}/${escaped(key)}`,
        message: t("“{key}” is not known here.", { key }),
      });
    } else if (isObject(schema.additionalProperties)) {
      found.push(...inner(schema.additionalProperties as Schema, child as Json, key));
    }
  }
  return found;
}

const escaped = (key: string | number) => String(key).replaceAll("~", "~0").replaceAll("/", "~1");

/** Why a value itself does not satisfy its schema, in words; null when it does. */
export function complaint(schema: Schema, value: Json): string | null {
  const choices = choicesOf(schema);
  if (choices && !choices.some(([option]) => same(option, value))) {
    const named = choices.slice(0, 8).map(([, words]) => words);
    return t("One of {choices}.", { choices: named.join(", ") });
  }
  if (typeof value === "number") return aboutNumber(schema, value);
  if (typeof value === "string") return aboutText(schema, value);
  if (Array.isArray(value)) return aboutList(schema, value);
  return null;
}

function aboutNumber(schema: Schema, value: number): string | null {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (minimum !== undefined && value < minimum)
    return t("At least {number}.", { number: String(minimum) });
  if (maximum !== undefined && value > maximum)
    return t("At most {number}.", { number: String(maximum) });
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
    return t("More than {number}.", { number: String(exclusiveMinimum) });
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
    return t("Less than {number}.", { number: String(exclusiveMaximum) });
  if (multipleOf) {
    const parts = value / multipleOf;
    if (Math.abs(parts - Math.round(parts)) > 1e-9)
      return t("A multiple of {number}.", { number: String(multipleOf) });
  }
  return null;
}

function aboutText({ minLength, maxLength, pattern }: Schema, value: string): string | null {
  if (minLength !== undefined && value.length < minLength) {
    return minLength === 1
      ? t("This must not be empty.")
      : t("At least {count} characters.", { count: minLength });
  }
  if (maxLength !== undefined && value.length > maxLength)
    return tn("At most {count} character.", "At most {count} characters.", maxLength);
  if (pattern !== undefined && tried(pattern, value) === false)
    return t("It has to match {pattern}.", { pattern });
  return null;
}

/** Longer texts, and repeats inside of repeats, are left to the server: its patterns end in any case. */
const PATTERN_LETTERS = 200;
const NESTED = /[+*}][^()]*\)[+*{]/;

/** Null: not judged here. */
function tried(pattern: string, value: string): boolean | null {
  if (value.length > PATTERN_LETTERS || NESTED.test(pattern)) return null;
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return null; // another dialect of patterns: the server knows it
  }
}

function aboutList(
  { minItems, maxItems, uniqueItems }: Schema,
  value: readonly Json[],
): string | null {
  if (minItems !== undefined && value.length < minItems)
    return tn("At least {count} item.", "At least {count} items.", minItems);
  if (maxItems !== undefined && value.length > maxItems)
    return tn("At most {count} item.", "At most {count} items.", maxItems);
  if (uniqueItems && new Set(value.map((item) => JSON.stringify(item))).size < value.length) {
    return t("Each item only once.");
  }
  return null;
}

const same = (a: Json, b: Json) => a === b || JSON.stringify(a) === JSON.stringify(b);

const ANY = t("any value");
const TYPES: Readonly<Record<string, string>> = {
  string: t("text"),
  integer: t("whole number"),
  number: t("number"),
  boolean: t("yes or no"),
  array: t("list"),
  object: t("object"),
};

/** "whole number", "list of text": what a schema wants, for people. */
export function typeWords(schema: Schema): string {
  const kind = kindOf(schema);
  if (kind === "secret") return t("name of a secret");
  if (kind === "choice") return t("choice");
  if (kind === "variants") {
    return optionsOf(schema)
      .map((option) => typeWords(option))
      .filter(unique)
      .join(t(" or "));
  }
  return TYPES[typeWord(schema) ?? ""] ?? ANY;
}

const unique = (word: string, at: number, all: readonly string[]) => all.indexOf(word) === at;
