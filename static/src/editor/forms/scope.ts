/** The names an expression may read at its place, each with what it stood for in the last run. */
import { type GraphDocument, isObject, type Json, type NodeSpec } from "../../model/document";
import {
  kindWord,
  type LanguageFunction,
  type Name,
  type Scope,
} from "../../model/expressions/complete";
import { alternativesOf } from "../../model/kinds";
import { keysWrittenBy, stateKeys } from "../../model/statekeys";
import { t } from "../../words/t";
import type { Moment, Place, Values, Visit } from "../lookback/calls";

/** The language as the page brings it. */
export interface Language {
  readonly functions: readonly LanguageFunction[];
  readonly names: readonly { readonly name: string; readonly summary: string }[];
}

const NO_LANGUAGE: Language = { functions: [], names: [] };

/** @param visit what the node found in the last run @param final the last state of a run that never came there */
export function scopeOf(
  document: GraphDocument,
  place: Place | null,
  visit: Visit | null,
  final: Values | null,
  language: Language = NO_LANGUAGE,
): Scope {
  const values = valuesAt(place?.at ?? "before", visit, final);
  const writers = writersOf(document);
  const declared = stateKeys(document).map(
    (key): Name => ({
      name: key.name,
      detail: key.type ?? wordOf(values[key.name]) ?? t("state key"),
      info: [key.description, writtenBy(writers.get(key.name))].filter(Boolean).join(" "),
    }),
  );
  const free = freeNames(document, place, language);
  const known = new Set([...declared, ...free].map(({ name }) => name));
  const seen = Object.keys(values)
    .filter((name) => !known.has(name))
    .map(
      (name): Name => ({ name, detail: wordOf(values[name]) ?? "", info: t("In the last run.") }),
    );
  const names = [...declared, ...seen, ...free];
  return { names, values, functions: language.functions, schemas: schemasAt(document, place) };
}

/** What is declared of the names: the state's keys, and the answer to a form. */
function schemasAt(
  document: GraphDocument,
  place: Place | null,
): Readonly<Record<string, unknown>> {
  const schema = isObject(document.state) ? document.state.schema : null;
  const keys = isObject(schema) && isObject(schema.properties) ? schema.properties : {};
  const spec = place?.at === "result" ? document.nodes[place.node] : undefined;
  return spec?.type === "human" && isObject(spec.form) ? { ...keys, answer: spec.form } : keys;
}

const wordOf = (value: Json | undefined) => (value === undefined ? null : kindWord(value));

function valuesAt(at: Moment, visit: Visit | null, final: Values | null): Values {
  if (!visit) return final ? { ...final, state: final } : {};
  const state = at === "after" ? (visit.after ?? visit.before) : visit.before;
  const more = at === "result" ? visit.names : at === "item" ? (visit.item ?? {}) : {};
  return { ...state, iteration: visit.number, ...more, state };
}

const writers = new WeakMap<GraphDocument["nodes"], ReadonlyMap<string, readonly string[]>>();

function writersOf({ nodes }: GraphDocument): ReadonlyMap<string, readonly string[]> {
  const known = writers.get(nodes);
  if (known) return known;
  const found = new Map<string, string[]>();
  for (const [id, node] of Object.entries(nodes)) {
    const title = node.title || id;
    for (const key of keysWrittenBy(node)) {
      const titles = found.get(key);
      if (titles) titles.push(title);
      else found.set(key, [title]);
    }
  }
  writers.set(nodes, found);
  return found;
}

const writtenBy = (nodes: readonly string[] | undefined) =>
  nodes
    ? t("Written by {steps}.", {
        steps: `${nodes.slice(0, 3).join(", ")}${nodes.length > 3 ? " …" : ""}`,
      })
    : "";

/** The names beside the state's keys that exist at the place. */
function freeNames(document: GraphDocument, place: Place | null, language: Language): Name[] {
  const spec = place ? document.nodes[place.node] : undefined;
  const wanted = new Set(["state", ...(place ? namesAt(place, spec) : [])]);
  const own = language.names.filter(({ name }) => wanted.has(name));
  const told = own.map(({ name, summary }): Name => ({ name, detail: "", info: capital(summary) }));
  const rest = [...wanted].filter((name) => !own.some((each) => each.name === name));
  return [...told, ...rest.map((name): Name => ({ name, detail: "" }))];
}

function namesAt({ at, on }: Place, spec: NodeSpec | undefined): string[] {
  if (at === "after")
    return on === "error" || on === "timeout" ? ["error", "iteration"] : ["iteration"];
  if (at === "item")
    return [spec && typeof spec.as === "string" ? spec.as : "item", "item", "index"];
  if (at === "before") return ["error", "iteration"];
  return [...resultNames(spec), "iteration"];
}

function resultNames(spec: NodeSpec | undefined): string[] {
  switch (spec?.type) {
    case "map":
      return ["results", "done", "failed", "total"];
    case "human":
      return ["answer"];
    case "wait":
      return Object.keys(alternativesOf(spec)).length
        ? ["answer", "payload", "alternative"]
        : ["payload"];
    default:
      return ["result"];
  }
}

const capital = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
