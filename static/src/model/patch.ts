/**
 * What one edit changed, small enough to be written down at once: the steps, ways and places that
 * differ, and of the rest the parts that differ. JSON, so that any shelf can keep it.
 */
import { type EdgeSpec, type GraphDocument, isObject } from "./document";

interface Entries {
  readonly set: Readonly<Record<string, unknown>>;
  /** The ids in their order, where it changed; those that are missing are gone. */
  readonly order?: readonly string[];
}

export interface Patch {
  readonly nodes?: Entries;
  readonly layout?: Entries;
  readonly edges?: Entries;
  /** Other top-level parts, as a whole. */
  readonly parts: Readonly<Record<string, unknown>>;
  /** The document's keys in their order, where it changed. */
  readonly keys?: readonly string[];
}

type Kept = "nodes" | "layout" | "edges";
const BY_ID: readonly Kept[] = ["nodes", "layout", "edges"];

/** The patch that leads from one document to the other. Parts they share are skipped at once. */
export function diff(before: GraphDocument, after: GraphDocument): Patch {
  const byId = BY_ID.filter((key) => before[key] !== after[key] && isById(before, key, after));
  const parts = Object.keys(after).filter(
    (key) => before[key] !== after[key] && !byId.includes(key as Kept),
  );
  const entries = byId.map((key) => [key, entriesBetween(before[key], after[key])] as const);
  return {
    ...Object.fromEntries(entries),
    parts: Object.fromEntries(parts.map((key) => [key, after[key]])),
    ...(sameList(Object.keys(before), Object.keys(after)) ? {} : { keys: Object.keys(after) }),
  };
}

/** The document after the patch. */
export function patched(document: GraphDocument, patch: Patch): GraphDocument {
  const value = (key: string): unknown => {
    const entries = BY_ID.includes(key as Kept) ? patch[key as Kept] : undefined;
    if (entries) return withEntries(document[key as Kept], entries);
    return Object.hasOwn(patch.parts, key) ? patch.parts[key] : document[key];
  };
  const keys = patch.keys ?? Object.keys(document);
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as unknown as GraphDocument;
}

/** Whether a value read from a shelf is a patch. */
export function isPatch(value: unknown): value is Patch {
  const entries = (each: unknown) =>
    each === undefined || (isObject(each) && isObject(each.set) && isList(each.order));
  return (
    isObject(value) &&
    isObject(value.parts) &&
    isList(value.keys) &&
    BY_ID.every((key) => entries(value[key]))
  );
}

const isList = (value: unknown) =>
  value === undefined || (Array.isArray(value) && value.every((each) => typeof each === "string"));

type Part = GraphDocument[Kept];

function entriesBetween(before: Part, after: Part): Entries {
  const lists = Array.isArray(before) || Array.isArray(after);
  return lists ? listed(mapOf(before), mapOf(after)) : named(before, after);
}

function listed(old: ReadonlyMap<string, unknown>, now: ReadonlyMap<string, unknown>): Entries {
  const set = [...now].filter(([id, value]) => old.get(id) !== value);
  const ids = [...now.keys()];
  return {
    set: Object.fromEntries(set),
    ...(sameList([...old.keys()], ids) ? {} : { order: ids }),
  };
}

/** As `listed`; thousands of steps are compared with each letter that is typed. */
function named(before: object, after: object): Entries {
  const [old, now] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const ids = Object.keys(now);
  const set: Record<string, unknown> = {};
  for (const id of ids) if (old[id] !== now[id]) set[id] = now[id];
  return { set, ...(sameList(Object.keys(old), ids) ? {} : { order: ids }) };
}

function withEntries(part: Part, { set, order }: Entries): Part {
  const old = mapOf(part);
  const value = (id: string) => (Object.hasOwn(set, id) ? set[id] : old.get(id));
  const ids = order ?? [...old.keys()];
  if (Array.isArray(part)) return ids.map(value) as unknown as Part;
  return Object.fromEntries(ids.map((id) => [id, value(id)])) as unknown as Part;
}

function mapOf(part: Part): ReadonlyMap<string, unknown> {
  if (!Array.isArray(part)) return new Map(Object.entries(part));
  return new Map((part as readonly EdgeSpec[]).map((edge) => [edge.id, edge]));
}

/** Two edges with one id, as an odd draft may have them, are kept as a whole list. */
function isById(before: GraphDocument, key: Kept, after: GraphDocument): boolean {
  return [before[key], after[key]].every(
    (part) => part && (!Array.isArray(part) || mapOf(part).size === part.length),
  );
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}
