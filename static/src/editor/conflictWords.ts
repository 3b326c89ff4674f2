/** Conflicts in words: which field it is, and what each side says there. */
import type { EdgeSpec, GraphDocument } from "../model/document";
import { isObject } from "../model/document";
import type { Conflict } from "../model/merge";
import { t, tn } from "../words/t";

/** `Step “Lint” › input › limit` */
export function fieldWords(conflict: Conflict, documents: readonly GraphDocument[]): string {
  const [first = "", second = "", ...rest] = conflict.path;
  if (first === "nodes")
    return words(t("Step “{name}”", { name: titleOf(second, documents) }), rest);
  if (first === "edges" && second) return words(wayOf(second, documents), rest);
  if (first === "order") return t("Order of the ways");
  if (first === "meta" && second === "notes") return words(t("Note"), rest.slice(1));
  if (first === "meta" && second === "pins") {
    return t("Pinned output of “{name}”", { name: titleOf(rest[0] ?? "", documents) });
  }
  return words(`${t("Workflow")} › ${NAMES[first] ?? first}`, second ? [second, ...rest] : rest);
}

/** A value as it is read: text as it is, what is not there in words, the rest as JSON. */
export function valueWords(value: unknown, conflict: Conflict): string {
  const whole = conflict.path.length === 2 && ["nodes", "edges"].includes(conflict.path[0] ?? "");
  if (value === undefined) return whole ? t("Removed") : t("Not set");
  if (whole) return isObject(value) ? keptWords(value) : t("Kept");
  if (typeof value === "string") return value === "" ? t("Empty") : value;
  return JSON.stringify(value, null, 1);
}

const NAMES: Readonly<Record<string, string>> = {
  inputs: t("input"),
  outputs: t("output"),
  set: t("value"),
  when: t("condition"),
  max: t("at most"),
  on: t("taken when"),
  on_error: t("when it fails"),
  else: t("otherwise"),
  from: t("from step"),
  to: t("to step"),
  type: t("kind"),
};

function words(start: string, path: readonly string[]): string {
  return [start, ...path.map((key, i) => (i === 0 ? (NAMES[key] ?? key) : key))].join(" › ");
}

const keptWords = (node: Record<string, unknown>) =>
  tn("Kept, with {count} field", "Kept, with {count} fields", Object.keys(node).length);

function titleOf(id: string, documents: readonly GraphDocument[]): string {
  const titles = documents.map((document) => document.nodes[id]?.title);
  return titles.find((title) => title) ?? id;
}

function wayOf(id: string, documents: readonly GraphDocument[]): string {
  const edge = documents
    .flatMap((document) => document.edges)
    .find((each: EdgeSpec) => each.id === id);
  if (!edge) return t("Way {way}", { way: id });
  return t("Way {way}", {
    way: `${titleOf(edge.from, documents)} → ${titleOf(edge.to, documents)}`,
  });
}
