/** The calls of the editor. */
import {
  ApiError,
  type ApiProblem,
  getJson,
  plainWords,
  postJson,
  refusal,
  sending,
} from "../live/http";
import { type GraphDocument, toDocument } from "../model/document";
import type { Problem } from "../model/problems";
import type { RunItem } from "../run/boot";
import { t } from "../words/t";
import type { Published, WorkflowFull } from "./boot";
import type { RunBody } from "./run/plan";
import type { PutOptions } from "./saver";

export interface Saved {
  readonly rev: number;
  readonly saved_at: string;
  readonly saved_by: string | null;
  readonly problems: readonly Problem[];
}

/** The draft as someone else left it. */
export interface Head {
  readonly rev: number;
  readonly document: GraphDocument;
  readonly saved_by: string | null;
  readonly saved_at: string | null;
}

export type PutResult =
  | { readonly kind: "saved"; readonly saved: Saved }
  | { readonly kind: "conflict"; readonly head: Head }
  | { readonly kind: "offline" }
  /** The server answered, but will not take this document … */
  | { readonly kind: "refused"; readonly message: string }
  /** … or not before it hears that so many steps are meant to go … */
  | { readonly kind: "shrinks"; readonly message: string }
  /** … or not from this person; `gone` when he does not even see the workflow any more. */
  | { readonly kind: "forbidden"; readonly message: string; readonly gone?: boolean };

export type Checked =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: ExpressionProblem };

export interface ExpressionProblem {
  /** Where in the source, in characters from its start. */
  readonly position: number;
  readonly message: string;
  readonly hint: string;
}

export class EditorApi {
  readonly #base: string;
  readonly #pages: string;
  readonly #workflow: string;

  /** @param pages where the pages of workflows are: what they say is in the reader's language */
  constructor(base: string, pages: string, workflow: string) {
    this.#base = base;
    this.#pages = pages;
    this.#workflow = workflow;
  }

  async putDraft(
    rev: number,
    document: GraphDocument,
    { leaving = false, shrink = false }: PutOptions = {},
  ): Promise<PutResult> {
    let response: Response;
    try {
      response = await fetch(`${this.#base}/workflows/${this.#workflow}/draft`, {
        method: "PUT",
        credentials: "same-origin",
        keepalive: leaving,
        headers: { ...sending(), "If-Match": `"${rev}"` },
        body: JSON.stringify(shrink ? { document, shrink } : { document }),
      });
    } catch {
      return { kind: "offline" };
    }
    const body = (await response.json().catch(() => null)) as PutBody | null;
    if (response.ok && body) return { kind: "saved", saved: body as Saved };
    if (response.status === 409 && body?.head) {
      return { kind: "conflict", head: { ...body.head, document: toDocument(body.head.document) } };
    }
    if (response.status >= 500 || response.status === 429) return { kind: "offline" };
    const message = refusalWords(response.status, body);
    if (body?.error?.code === "E_DRAFT_SHRINKS") return { kind: "shrinks", message };
    // A 404 without a word of ours may come from what stands between.
    const gone = response.status === 404 && body?.error?.code !== undefined;
    return { kind: response.status === 403 || gone ? "forbidden" : "refused", message, gone };
  }

  /** The draft as the server holds it now. */
  async head(): Promise<Head> {
    const url = `${this.#base}/workflows/${this.#workflow}`;
    const { draft, ...found } = await getJson<WorkflowFull>(url);
    return { ...found, document: toDocument(draft) };
  }

  /** What publishing would change, with who changed it, in the language of the page. */
  changes(): Promise<DraftChanges> {
    return getJson(`${this.#pages}${this.#workflow}/changes`);
  }

  /** A workflow of one's own with this document; gives its id. */
  async create(document: GraphDocument): Promise<string> {
    const made = await postJson<{ id: string }>(`${this.#base}/workflows`, { document });
    return made.id;
  }

  /** A workflow that a step of this one is going to run. */
  createCallee(document: GraphDocument): Promise<Callee> {
    const { key: _, ...rest } = document;
    return postJson(`${this.#base}/workflows`, { document: rest, beside: this.#workflow });
  }

  publishCallee(id: string, rev: number, note: string): Promise<Published> {
    return postJson(`${this.#base}/workflows/${id}/publish`, { rev, note });
  }

  publish(rev: number, note: string): Promise<Published> {
    return postJson(`${this.#base}/workflows/${this.#workflow}/publish`, { rev, note });
  }

  /** The workflows that a step may run: those one may see, as far as one list goes. */
  async workflows(): Promise<readonly Callable[]> {
    return (await getJson<Page<Callable>>(`${this.#base}/workflows?limit=200`)).items;
  }

  /** The names of the secrets that this person's runs may use. */
  async secretNames(): Promise<readonly string[]> {
    const { items } = await getJson<Page<{ name: string }>>(`${this.#base}/secrets`);
    return [...new Set(items.map((item) => item.name))];
  }

  /** The newest published versions of a workflow. */
  async versions(workflow: string): Promise<readonly Numbered[]> {
    const url = `${this.#base}/workflows/${workflow}/versions?limit=50`;
    return (await getJson<Page<Numbered>>(url)).items;
  }

  /** The document of a version. */
  async versionDocument(version: string): Promise<GraphDocument> {
    const found = await getJson<{ document: unknown }>(`${this.#base}/versions/${version}`);
    return toDocument(found.document as GraphDocument);
  }

  /** A copy of the workflow that belongs to the person who asks; gives its id. */
  async duplicate(): Promise<string> {
    const copy = await postJson<{ id: string }>(
      `${this.#base}/workflows/${this.#workflow}/duplicate`,
      {},
    );
    return copy.id;
  }

  /** The document in a text, or null, with its problems; nothing is stored. */
  readText(text: string): Promise<{ document: unknown; problems: readonly Problem[] }> {
    return postJson(`${this.#base}/documents/read`, { text });
  }

  /** A new workflow of the text; gives its id. */
  async importText(text: string): Promise<string> {
    const url = `${this.#base}/workflows/import`;
    return (await postJson<{ id: string }>(url, { text, format: "auto" })).id;
  }

  /** The draft as the server has it, as the text of a file. */
  async exportText(format: "json" | "yaml"): Promise<string> {
    const url = `${this.#base}/workflows/${this.#workflow}/export?format=${format}`;
    const response = await fetch(url, { credentials: "same-origin" });
    if (!response.ok) throw await refusal(response);
    return response.text();
  }

  startRun(asked: RunBody, key: string): Promise<RunItem> {
    const body = { workflow: this.#workflow, ...asked };
    return postJson(`${this.#base}/runs`, body, { "Idempotency-Key": key });
  }

  cancelRun(run: string): Promise<RunItem> {
    return postJson(`${this.#base}/runs/${run}/cancel`, {});
  }
}

/** What publishing would change. */
export interface DraftChanges {
  readonly rev: number;
  /** The newest version; null before the first. */
  readonly from: number | null;
  readonly summary: string;
  readonly changes: readonly DraftChange[];
}

export interface DraftChange {
  readonly section: string;
  /** `nodes/ID`, `edges/ID`, `settings/KEY` or `order`. */
  readonly part: string;
  readonly title: string;
  readonly what: "added" | "removed" | "changed" | "reordered";
  readonly rows: readonly ChangedValue[];
  readonly authors: readonly { readonly name: string; readonly at: string }[];
}

export interface ChangedValue {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** A workflow as the list of them shows it. */
export type Callable = Pick<WorkflowFull, "id" | "key" | "name" | "published">;

/** A workflow that was just made. */
export type Callee = Pick<WorkflowFull, "id" | "key" | "name" | "rev">;

export interface Numbered {
  readonly id: string;
  readonly number: number;
}

/** The step that a refusal is about, where its details point to one. */
export function nodeOf(error: unknown): string | null {
  const pointers = error instanceof ApiError ? error.details.map((each) => each.pointer) : [];
  const [, id] = pointers.map((each) => /^\/nodes\/([^/]+)/.exec(each)).find(Boolean) ?? [];
  return id === undefined ? null : id.replaceAll("~1", "/").replaceAll("~0", "~");
}

interface Page<T> {
  readonly items: readonly T[];
}

interface PutBody extends Partial<Saved> {
  readonly head?: Head;
  readonly error?: {
    readonly code?: string;
    readonly message?: string;
    readonly details?: readonly ApiProblem[];
  };
}

function refusalWords(status: number, body: PutBody | null): string {
  if (status === 401) return t("You are signed out. Sign in in another tab, then save again.");
  if (body?.error?.message) return body.error.message;
  if (status === 403) return t("You may not change this workflow.");
  if (status === 404) return t("This workflow does not exist any more.");
  return plainWords(status);
}

/** Any failure as a sentence, with what the server says is wrong in detail. */
export function sentence(error: unknown): string {
  if (error instanceof ApiError) {
    const details = error.details.slice(0, 3).map((each) => each.message);
    // With one problem the message says it already.
    return [error.message, ...details.filter((each) => !error.message.includes(each))].join(" ");
  }
  return error instanceof Error ? error.message : String(error);
}
