/** What the server writes into the editor page. */
import type { GraphDocument, Json } from "../model/document";
import type { Problem } from "../model/problems";

/** JSON Schema, as far as forms read it. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

export interface ToolSpec {
  readonly name: string;
  readonly summary: string;
  readonly doc: string;
  readonly category: string;
  readonly effect: string;
  readonly schema: Schema;
}

export interface Published {
  readonly number: number;
  readonly id: string;
  readonly published_at: string;
}

export interface WorkflowFull {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly rev: number;
  readonly saved_at: string | null;
  readonly saved_by: string | null;
  readonly published: Published | null;
  readonly can_edit: boolean;
  readonly draft: GraphDocument;
  readonly problems: readonly Problem[];
}

export interface EditorBoot {
  readonly page: "editor";
  readonly workflow: WorkflowFull;
  readonly tools: readonly ToolSpec[];
  readonly user: { readonly name: string };
  readonly urls: {
    readonly api: string;
    readonly workflows: string;
    /** A run's page; `{id}` stands for the run. */
    readonly run: string;
    /** A tool's page; `{name}` stands for the tool. */
    readonly tool: string;
    readonly code?: string;
  };
}
