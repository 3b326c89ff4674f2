/** What the server tells of past runs: which there were, what a node found, what an expression gives. */

import type { RunEvent } from "../../live/events";
import { getJson, postJson } from "../../live/http";
import type { Json } from "../../model/document";
import type { Op } from "../../run/payloads";
import type { Checked, ExpressionProblem } from "../api";

/** What tells one run from another. */
export interface RunBrief {
  readonly id: string;
  readonly status: string;
  readonly created_at: string;
}

export type Values = Readonly<Record<string, Json>>;

export type Outcome =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly error: ExpressionProblem };

export type GivenInput = Outcome & {
  readonly name: string;
  /** Null: the state key of that name. */
  readonly source: string | null;
};

/** One visit of a node: what it found and left behind. */
export interface Visit {
  readonly number: number;
  readonly activation: number;
  readonly status: string;
  readonly began: number;
  readonly ended: number | null;
  readonly error: { readonly code?: string; readonly message?: string } | null;
  readonly inputs: readonly GivenInput[];
  readonly before: Values;
  readonly after: Values | null;
  /** What expressions of outputs see beside the state: `result`, `answer`, … */
  readonly names: Values;
  /** What the body of a map sees of the first item. */
  readonly item: Values | null;
  /** Whether all of the result is known. */
  readonly whole: boolean;
  readonly ops: readonly (readonly [op: Op["op"], key: string, value?: Json])[];
  /** Values that are told by their size only, such as `before.text`. */
  readonly cut: readonly string[];
}

export interface VisitAnswer {
  readonly run: RunBrief;
  readonly node: string;
  /** The first visit that can be asked for, and how many there were. */
  readonly first: number;
  readonly visits: number;
  readonly visit: Visit | null;
}

/** Where in a node an expression stands: what it sees follows from that. */
export type Moment = "before" | "item" | "result" | "after";

export interface Place {
  readonly node: string;
  readonly at: Moment;
  /** The edge it is the condition of, and the outcome that edge is for. */
  readonly edge?: string;
  readonly on?: string;
}

export interface Try {
  readonly visit: number;
  readonly seq: number;
  /** Null: the run does not tell. */
  readonly ok: boolean | null;
  readonly value?: Json;
  readonly error?: ExpressionProblem;
  readonly values: Values;
  /** What the run did at the edge. */
  readonly taken: boolean | null;
}

export interface TriedRun extends RunBrief {
  readonly version: number | null;
  readonly first: number;
  readonly left_out: string | null;
  readonly visits: readonly Try[];
}

export type TryKind = "true" | "false" | "other" | "error" | "unknown";

export interface Tried {
  readonly ok: boolean;
  readonly error: ExpressionProblem | null;
  readonly counts: Readonly<Record<TryKind, number>>;
  readonly runs: readonly TriedRun[];
}

/** The most that the API gives at once. */
export const MOST_EVENTS = 500;

export class LookBackApi {
  readonly #base: string;
  readonly #workflow: string;

  constructor(base: string, workflow: string) {
    this.#base = base;
    this.#workflow = workflow;
  }

  /** The newest runs of the workflow that this person sees. */
  async runs(): Promise<readonly RunBrief[]> {
    const url = `${this.#base}/runs?workflow=${this.#workflow}&limit=20&children=true`;
    return (await getJson<{ items: readonly RunBrief[] }>(url)).items;
  }

  visit(run: string, node: string, number: number | null): Promise<VisitAnswer> {
    const query = new URLSearchParams({ node });
    if (number !== null) query.set("visit", String(number));
    return getJson(`${this.#base}/runs/${run}/visit?${query}`);
  }

  /** The state of a run as it stands, or stood at its end. */
  async state(run: string): Promise<Values> {
    return (await getJson<{ state: Values }>(`${this.#base}/runs/${run}/state`)).state;
  }

  /** The first events of one node from this one on: most of them are what it logged. */
  async events(run: string, node: string, from: number): Promise<readonly RunEvent[]> {
    const query = new URLSearchParams({
      node,
      after: String(from - 1),
      limit: String(MOST_EVENTS),
    });
    const url = `${this.#base}/runs/${run}/events?${query}`;
    return (await getJson<{ items: readonly RunEvent[] }>(url)).items;
  }

  /** What an expression gives at its place, in one run or in the last ones. */
  tryOut(source: string, place: Place, run: string | null): Promise<Tried> {
    const body = { source, workflow: this.#workflow, ...place, ...(run ? { run } : {}) };
    return postJson(`${this.#base}/expressions/try`, body);
  }

  /** What an expression gives on a state. */
  on(source: string, state: Values): Promise<Outcome> {
    return postJson(`${this.#base}/expressions/check`, { source, state });
  }

  /** Whether a text is an expression. */
  read(source: string): Promise<Checked> {
    return postJson(`${this.#base}/expressions/check`, { source });
  }
}
