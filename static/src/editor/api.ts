/** The calls of the editor. */
import { ApiError, type ApiProblem, getJson, postJson } from "../live/http";
import { type GraphDocument, type Json, toDocument } from "../model/document";
import type { Problem } from "../model/problems";
import type { RunItem } from "../run/boot";
import type { Published, WorkflowFull } from "./boot";

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
  /** The server answered, but will not take this document or this person. */
  | { readonly kind: "refused"; readonly message: string };

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
  readonly #workflow: string;

  constructor(base: string, workflow: string) {
    this.#base = base;
    this.#workflow = workflow;
  }

  async putDraft(rev: number, document: GraphDocument, leaving = false): Promise<PutResult> {
    let response: Response;
    try {
      response = await fetch(`${this.#base}/workflows/${this.#workflow}/draft`, {
        method: "PUT",
        credentials: "same-origin",
        keepalive: leaving,
        headers: { ...JSON_HEADERS, "If-Match": `"${rev}"`, "X-CSRFToken": csrf() },
        body: JSON.stringify({ document }),
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
    return { kind: "refused", message: refusalWords(response.status, body) };
  }

  publish(rev: number, note: string): Promise<Published> {
    return postJson(`${this.#base}/workflows/${this.#workflow}/publish`, { rev, note });
  }

  /** Whether a text is an expression. What it would give is not asked: that needs a run's state. */
  check(source: string): Promise<Checked> {
    return postJson(`${this.#base}/expressions/check`, { source });
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

  startRun(state: Json, key: string): Promise<RunItem> {
    const body = { workflow: this.#workflow, draft: true, state };
    return postJson(`${this.#base}/runs`, body, { "Idempotency-Key": key });
  }

  cancelRun(run: string): Promise<RunItem> {
    return postJson(`${this.#base}/runs/${run}/cancel`, {});
  }
}

/** A workflow as the list of them shows it. */
export type Callable = Pick<WorkflowFull, "id" | "key" | "name" | "published">;

export interface Numbered {
  readonly id: string;
  readonly number: number;
}

interface Page<T> {
  readonly items: readonly T[];
}

interface PutBody extends Partial<Saved> {
  readonly head?: Head;
  readonly error?: { readonly message?: string; readonly details?: readonly ApiProblem[] };
}

const JSON_HEADERS = { Accept: "application/json", "Content-Type": "application/json" };

const csrf = () =>
  document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";

function refusalWords(status: number, body: PutBody | null): string {
  if (status === 401) return "You are signed out. Sign in in another tab, then save again.";
  if (body?.error?.message) return body.error.message;
  if (status === 403) return "You may not change this workflow.";
  if (status === 404) return "This workflow does not exist any more.";
  return `The server answered ${status}.`;
}

/** Any failure as a sentence, with what the server says is wrong in detail. */
export function sentence(error: unknown): string {
  if (error instanceof ApiError) {
    const details = error.details.slice(0, 3).map((each) => each.message);
    return [error.message, ...details].join(" ");
  }
  return error instanceof Error ? error.message : String(error);
}
