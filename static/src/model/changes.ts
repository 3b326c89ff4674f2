/**
 * Commands: what a person did, as the parts of the document before and after it. Documents are
 * immutable and share what did not change, so both sides are references, and undoing gives back
 * the very same text, key order included.
 */
import type { GraphDocument } from "./document";

export interface Command {
  /** What the undo button says: "Undo add lint". */
  readonly label: string;
  readonly before: Side;
  readonly after: Side;
}

interface Side {
  /** Changed top-level keys that are present on this side. */
  readonly parts: Readonly<Record<string, unknown>>;
  /** All top-level keys of this side, in order. */
  readonly keys: readonly string[];
}

/** The command that leads from one document to the other, or null when they are the same. */
export function between(
  label: string,
  before: GraphDocument,
  after: GraphDocument,
): Command | null {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((key) => before[key] !== after[key]);
  if (changed.length === 0) return null;
  return { label, before: side(before, changed), after: side(after, changed) };
}

export function apply(document: GraphDocument, command: Command): GraphDocument {
  return turn(document, command.after);
}

export function revert(document: GraphDocument, command: Command): GraphDocument {
  return turn(document, command.before);
}

/** Two commands in a row as one: the second was made on the document after the first. */
export function join(first: Command, second: Command): Command {
  return {
    label: first.label,
    before: { parts: { ...second.before.parts, ...first.before.parts }, keys: first.before.keys },
    after: { parts: { ...first.after.parts, ...second.after.parts }, keys: second.after.keys },
  };
}

function side(document: GraphDocument, changed: readonly string[]): Side {
  const present = changed.filter((key) => Object.hasOwn(document, key));
  return {
    parts: Object.fromEntries(present.map((key) => [key, document[key]])),
    keys: Object.keys(document),
  };
}

function turn(document: GraphDocument, to: Side): GraphDocument {
  const value = (key: string) => (Object.hasOwn(to.parts, key) ? to.parts[key] : document[key]);
  return Object.fromEntries(to.keys.map((key) => [key, value(key)])) as unknown as GraphDocument;
}
