/** Making a workflow of the selected steps, and putting a workflow's steps back in its place. */

import { placed } from "../canvas/placed";
import { between } from "../model/changes";
import type { GraphDocument } from "../model/document";
import { CannotExpand, expanded } from "../model/expand";
import { CannotExtract, type Extraction, extraction } from "../model/extract";
import { onlyNode, selectNodes } from "../model/selection";
import { t, tn } from "../words/t";
import { sentence } from "./api";
import type { Session } from "./session";

/** What the selected steps would become, or why they cannot. */
export function planOf(session: Session): Extraction | string {
  try {
    return extraction(session.document, session.state.selection.nodes, session.tools);
  } catch (error) {
    if (error instanceof CannotExtract) return error.message;
    throw error;
  }
}

/** Make and publish the workflow, then let one step run it: one step to undo. */
export async function extract(session: Session, plan: Extraction, name: string): Promise<void> {
  if (session.state.starting) return;
  const { document } = session;
  session.store.set({ starting: true, notice: null });
  try {
    const made = await session.api.createCallee({ ...plan.child, name });
    const told = await publishCallee(session, made);
    if (session.document !== document) {
      throw new Error(
        t("“{name}” was made, but the draft has changed meanwhile. Try again.", { name }),
      );
    }
    const { document: next, id } = plan.replaced(made.key, name);
    session.edit(
      (now) => between(t("make “{name}” of its steps", { name }), now, next),
      t("Made {name}", { name }),
    );
    session.store.set({ dialog: null });
    session.goTo(id);
    session.tell(told);
  } catch (error) {
    session.tell({ tone: "error", text: sentence(error) });
  } finally {
    session.store.set({ starting: false });
  }
}

/** A step can only run what is published. Where that is refused, the steps stay a draft of their own. */
async function publishCallee(session: Session, made: { id: string; rev: number; name: string }) {
  const { name } = session.boot.workflow;
  try {
    await session.api.publishCallee(made.id, made.rev, t("Taken out of {name}", { name }));
    return {
      tone: "success",
      text: t("“{name}” is a workflow of its own, version 1.", { name: made.name }),
    } as const;
  } catch (error) {
    const text = t("“{name}” was made, but not published yet: {error}", {
      name: made.name,
      error: sentence(error),
    });
    return { tone: "error", text } as const;
  }
}

/** Put the steps of the workflow that the selected step runs in its place. */
export async function expandSelected(session: Session): Promise<void> {
  const id = onlyNode(session.state.selection);
  if (id === null || !session.mayEdit()) return;
  const before = session.document;
  const spec = before.nodes[id];
  if (spec?.type !== "subgraph") {
    session.say(t("This step runs no workflow"));
    return;
  }
  try {
    const child = await calleeOf(session, String(spec.workflow ?? ""), spec.version);
    if (session.document !== before)
      throw new Error(t("The draft has changed meanwhile. Try again."));
    const { document, ids } = expanded(before, id, child, session.tools);
    session.edit(
      (now) => between(t("put the steps of {id} in its place", { id }), now, document),
      tn("{count} step in place of {id}", "{count} steps in place of {id}", ids.length, { id }),
    );
    session.select(selectNodes(ids));
    if (ids[0] !== undefined) session.focus(ids[0]);
  } catch (error) {
    const text = error instanceof CannotExpand ? error.message : sentence(error);
    session.tell({ tone: "error", text });
    session.say(text);
  }
}

async function calleeOf(session: Session, key: string, version: unknown): Promise<GraphDocument> {
  const callee = (await session.api.workflows()).find((each) => each.key === key);
  if (!callee)
    throw new Error(
      key ? t("There is no workflow “{key}”.", { key }) : t("Choose a workflow first."),
    );
  const number = version ?? callee.published?.number;
  const found = (await session.api.versions(callee.id)).find((each) => each.number === number);
  if (!found)
    throw new Error(
      t("Nothing of “{name}” is published under this number.", { name: callee.name }),
    );
  return placed(await session.api.versionDocument(found.id));
}
