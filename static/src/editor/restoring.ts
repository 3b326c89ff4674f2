/** Taking up unsaved work that was found in this browser. Pure: what to show, and on what ground. */
import { placed } from "../canvas/placed";
import { between, type Command, join } from "../model/changes";
import type { GraphDocument } from "../model/document";
import { equal } from "../model/equal";
import { merge } from "../model/merge";
import type { Head } from "./api";
import type { Left } from "./journal/journal";

export interface Restored {
  /** Where the edits begin; the server holds this document at this revision. */
  readonly rev: number;
  readonly base: GraphDocument;
  /** Each edit that the server does not have, to be undone one by one. */
  readonly commands: readonly Command[];
  readonly document: GraphDocument;
  readonly changes: number;
}

/**
 * The edits that the server does not have. Some may have arrived although no answer came back:
 * then the draft is what this browser held after one of them, and only the later ones are left. A
 * page that the browser kept for Back and Forward brings an older draft than the edits were made on:
 * that says nothing about them.
 */
export function restored(left: Left, head: Head): Restored {
  const arrived =
    head.rev <= left.rev
      ? -1
      : left.steps.findLastIndex((step) => equal(placed(step.document), placed(head.document)));
  const ground = arrived < 0 ? left : { rev: head.rev, base: left.steps[arrived]?.document };
  const base = ground.base ?? left.base;
  const commands: Command[] = [];
  let [document, changes] = [base, 0];
  for (const step of left.steps.slice(arrived + 1)) {
    const command = between(step.label, document, step.document);
    const former = step.count === 0 ? commands.pop() : undefined;
    if (command) commands.push(former ? join(former, command) : command);
    else if (former) commands.push(former);
    document = step.document;
    changes += step.count;
  }
  return { rev: ground.rev, base, commands, document, changes };
}

/** The document without the restored edits; what was done since, by whomever, stays. */
export function withoutRestored(
  now: GraphDocument,
  then: GraphDocument,
  server: GraphDocument,
): GraphDocument {
  return merge(then, server, now, () => "theirs").document;
}
