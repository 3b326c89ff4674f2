import type { RunEvent } from "../live/events";
import type { GraphDocument } from "../model/document";
import type { EdgeState, NodeState } from "../model/runstate";

/** A run as lists and pages show it. */
export interface RunItem {
  readonly id: string;
  readonly workflow: { readonly id: string; readonly name: string } | null;
  readonly version: { readonly id: string; readonly number: number | null } | null;
  readonly status: string;
  readonly source: string;
  readonly tags: readonly string[];
  readonly owner: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly duration_ms: number | null;
  /** Whether somebody keeps it: no rule deletes it. */
  readonly kept: boolean;
  readonly error: unknown;
}

export interface ParentRun {
  readonly run: string;
  readonly node: string;
  readonly item: number | null;
  readonly workflow: { readonly id: string; readonly name: string };
}

/** What the server writes into the run page. */
export interface RunBoot {
  readonly page: "run";
  readonly run: RunItem & {
    readonly nodes: Readonly<Record<string, NodeState>>;
    readonly edges: Readonly<Record<string, EdgeState>>;
    /** The last position of the journal when the page was made. */
    readonly head: number;
    /** The schedule or webhook that started it, if the reader sees that. */
    readonly trigger?: { readonly kind: string; readonly id: string; readonly name: string } | null;
    /** The run that started this one and waits for it. */
    readonly parent?: ParentRun | null;
    /** How many runs it had started when the page was made. */
    readonly children?: { readonly total: number };
  };
  readonly document: GraphDocument;
  /** The first events of the journal. */
  readonly events: readonly RunEvent[];
  /** Calls of unknown outcome of the runs below it, when the page was made. */
  readonly calls?: readonly {
    readonly id: string;
    readonly node: string;
    readonly item: number | null;
    readonly workflow: { readonly name: string };
  }[];
  /** What the reader may do: steer the run, and run its workflow again. */
  readonly can?: { readonly steer: boolean; readonly run: boolean };
  /** Why not, by verb, for what he may not do. */
  readonly cannot?: Readonly<Record<string, string>>;
  readonly urls: {
    readonly api: string;
    /** A run's page; `{id}` stands for the run. */
    readonly run: string;
    /** A run's socket; `{id}` stands for the run. */
    readonly ws: string;
    readonly workflow_edit?: string | null;
    readonly review?: string | null;
    readonly code?: string;
    /** Files that are loaded later, by name. */
    readonly files: Readonly<Record<string, string>>;
  };
}

/** Put an id into an address with a `{id}` in it. */
export function addressOf(pattern: string, id: string): string {
  return pattern.replace("{id}", encodeURIComponent(id));
}
