/** What a value is likely to be compared with: what its schema allows, and what it was. */
import { t } from "../../words/t";
import { isObject, type Json } from "../document";
import { type Chain, chainOf, evaluate, loopsAround } from "./chains";
import type { Scope } from "./complete";
import type { Token } from "./tokens";

export interface Compared {
  readonly value: string | number | boolean | null;
  /** Where it comes from. */
  readonly detail: string;
}

const COMPARES = new Set(["==", "!=", "<", "<=", ">", ">="]);
const LONGEST = 60;
const MOST = 40;

/** The values that fit after the tokens: behind `a.b ==`, or in the list of `a.b in [`. */
export function comparedAt(tokens: readonly Token[], scope: Scope): Compared[] {
  const left = leftOf(tokens);
  const chain = left && chainOf(left);
  if (!left || !chain) return [];
  const allowed = allowedBy(schemaOf(chain, scope));
  const last = evaluate(left, scope, loopsAround(left, scope));
  const was =
    isPlain(last) && !allowed.includes(last) ? [{ value: last, detail: t("last value") }] : [];
  return [...allowed.map((value) => ({ value, detail: t("a value it may have") })), ...was];
}

/** The tokens before the comparison that ends the tokens; null where none does. */
function leftOf(tokens: readonly Token[]): readonly Token[] | null {
  const last = tokens.at(-1);
  if (last?.kind === "sign" && COMPARES.has(last.text)) return tokens.slice(0, -1);
  if (last?.text !== "[" && last?.text !== ",") return null;
  // Back to the bracket that is open here: only plain values may stand between.
  for (let at = tokens.length - 1; at > 0; at -= 1) {
    const token = tokens[at] as Token;
    if (token.text === "[") return tokens[at - 1]?.text === "in" ? tokens.slice(0, at - 1) : null;
    if (token.kind === "sign" && token.text !== "," && token.text !== "-") return null;
  }
  return null;
}

/** The schema of what a chain stands for; undefined where none is declared. */
function schemaOf({ root, steps }: Chain, { schemas = {} }: Scope): unknown {
  const named = root === "state" && !Object.hasOwn(schemas, "state");
  let [schema, rest]: [unknown, readonly (string | number)[]] = named
    ? [{ properties: schemas }, steps]
    : [Object.hasOwn(schemas, root) ? schemas[root] : undefined, steps];
  for (const step of rest) {
    if (!isObject(schema)) return undefined;
    const { properties, items, additionalProperties } = schema;
    if (typeof step === "number") schema = items;
    else if (isObject(properties) && Object.hasOwn(properties, step)) schema = properties[step];
    else schema = additionalProperties;
  }
  return schema;
}

/** The values that a schema names; all that a truth value can be. */
function allowedBy(schema: unknown): Compared["value"][] {
  if (!isObject(schema)) return [];
  if (Object.hasOwn(schema, "const")) return [schema.const as Json].filter(isPlain);
  if (Array.isArray(schema.enum)) return (schema.enum as Json[]).filter(isPlain).slice(0, MOST);
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return [...new Set(choices.flatMap(allowedBy))].slice(0, MOST);
  return schema.type === "boolean" ? [true, false] : [];
}

/** A value that can be written down where it is compared. */
function isPlain(value: Json | undefined): value is Compared["value"] {
  if (value === undefined || typeof value === "object") return value === null;
  return typeof value !== "string" || value.length <= LONGEST;
}
