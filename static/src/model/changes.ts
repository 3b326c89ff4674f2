/**
 * Commands: what a person did, as the parts of the document before and after it. Documents are
 * immutable and share what did not change, so both sides are references, and undoing gives back
 * the very same text, key order included.
 */
import type { GraphDocument } from "./document";
import { merge } from "./merge";

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

/** Do a command on the document that it was made for. */
export function apply(document: GraphDocument, command: Command): GraphDocument {
  return turn(document, command.after);
}

/**
 * Do a command again. On a document that others have changed since, what they changed stays as it
 * is: their edits are not ours to overwrite.
 */
export function redone(document: GraphDocument, command: Command): GraphDocument {
  return travelled(document, command.before, command.after);
}

/** Take a command back, with the same care for the edits of others. */
export function revert(document: GraphDocument, command: Command): GraphDocument {
  return travelled(document, command.after, command.before);
}

/** Two commands in a row as one: the second was made on the document after the first. */
export function join(first: Command, second: Command): Command {
  return {
    label: first.label,
    before: joined(second.before, first.before),
    after: joined(first.after, second.after),
  };
}

/** The parts of both, those of the second above; a part that the second has not is gone. */
function joined(below: Side, above: Side): Side {
  const parts = { ...below.parts, ...above.parts };
  const present = Object.entries(parts).filter(([key]) => above.keys.includes(key));
  return { parts: Object.fromEntries(present), keys: above.keys };
}

function travelled(document: GraphDocument, from: Side, to: Side): GraphDocument {
  const intact = Object.keys({ ...from.parts, ...to.parts }).every(
    (key) => document[key] === from.parts[key],
  );
  if (intact) return turn(document, to);
  const [base, mine] = [turn(document, from), turn(document, to)];
  return merge(base, mine, document, () => "theirs").document;
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
