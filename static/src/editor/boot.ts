/** What the server writes into the editor page. */
import type { GraphDocument, Json } from "../model/document";
import type { Problem } from "../model/problems";
import type { Language } from "./forms/scope";

/** JSON Schema, as far as forms read it. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
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
  /** JSON Schema of what it gives back, where its annotation tells. */
  readonly returns?: Schema | null;
  readonly is_async?: boolean;
  /** It gets the whole state, and may change it. */
  readonly takes_state?: boolean;
  readonly params?: readonly { readonly name: string; readonly required: boolean }[];
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
  /** The draft is the published version: publishing it would change nothing. */
  readonly live?: boolean;
  readonly tools: readonly ToolSpec[];
  /** What expressions are made of: completion reads it. */
  readonly language?: Language;
  /** What each effect of a tool means. */
  readonly effects?: Readonly<Record<string, string>>;
  readonly user: { readonly name: string };
  /** What the person may do with the workflow: edit, run, share, delete. */
  readonly can?: Readonly<Record<string, boolean>>;
  /** Why not, by verb, for what he may not do. */
  readonly cannot?: Readonly<Record<string, string>>;
  /** The words for categories of the library. */
  readonly categories?: Readonly<Record<string, string>>;
  readonly urls: {
    readonly api: string;
    readonly workflows: string;
    /** A run's page; `{id}` stands for the run. */
    readonly run: string;
    /** A tool's page; `{name}` stands for the tool. */
    readonly tool: string;
    readonly code?: string;
    /** Files that are loaded later, by name. */
    readonly files: Readonly<Record<string, string>>;
  };
}
