import type { PointerTool } from "../canvas/gestures";
import type { FocusRequest } from "../canvas/hooks";
import type { GraphDocument, Point } from "../model/document";
import type { Problem } from "../model/problems";
import { NOTHING, type Selection } from "../model/selection";
import type { LogFilter, LogRow } from "../run/logLines";
import type { RunView } from "../run/view";
import type { Published } from "./boot";
import type { Person } from "./company";
import { hintsSeen } from "./hints/seen";
import type { NodeTab } from "./lookback/tabs";
import { type RunPlan, WHOLE } from "./run/plan";
import type { SaveState } from "./saver";

/** Something is being chosen from the list that opens over the canvas: a step, or what to do. */
export interface Choosing {
  readonly purpose: "add" | "find" | "command";
  /** Where the step goes, in canvas coordinates; null: beside what has the keyboard. */
  readonly at: Point | null;
  /** The node to connect the new step to. */
  readonly after: { readonly node: string; readonly kind: string } | null;
  /** The edge the step goes into. */
  readonly into: string | null;
}

/** Connect mode: a wire is being drawn with the keyboard. */
export interface Connecting {
  readonly from: string;
  readonly candidate: string | null;
  readonly typed: string;
}

/** The run that is shown over the canvas. */
export interface RunPanel {
  readonly id: string;
  /** Which part of the draft it goes through. */
  readonly plan: RunPlan;
  readonly view: RunView;
  readonly rows: readonly LogRow[];
  /** What to tell about the live link; null when all is well. */
  readonly notice: string | null;
  /** The document that was run. */
  readonly document: GraphDocument;
  /** Its end was asked for, and the server has not said yet that it knows. */
  readonly stopping: boolean;
}

/** What of a run's log is shown. */
export interface DrawerFilter extends LogFilter {
  /** One visit of the node, from 1; null for all. */
  readonly visit: number | null;
}

/** The menu of a step is open, at a point of the page. */
export interface MenuPlace {
  readonly node: string;
  readonly at: readonly [x: number, y: number];
}

export type DialogName = "run" | "publish" | "keys" | "import" | "conflict" | "extract";

export interface Notice {
  readonly tone: "error" | "success" | "info";
  readonly text: string;
  /** The step that it is about. */
  readonly node?: string;
}

export interface Found {
  /** The tab that left it, and when, in milliseconds. */
  readonly tab: string;
  readonly at: number;
  readonly changes: number;
  /** What the page showed with it, and what is there without it; null while it only lies there. */
  readonly restored: { readonly document: GraphDocument; readonly without: GraphDocument } | null;
}

export interface EditorState {
  readonly document: GraphDocument;
  readonly selection: Selection;
  readonly problems: readonly Problem[];
  readonly undoLabel: string | null;
  readonly redoLabel: string | null;
  readonly save: SaveState;
  readonly published: Published | null;
  /** The draft is the published version, as far as this page knows. */
  readonly fresh: boolean;
  readonly choosing: Choosing | null;
  readonly connecting: Connecting | null;
  readonly stepMenu: MenuPlace | null;
  /** The edge whose condition is being edited on the canvas. */
  readonly edgeEditor: string | null;
  /** The node whose title is being written on the canvas. */
  readonly renaming: string | null;
  /** Each tap adds a step to the selection, or takes it out: begun by a finger that stays on one. */
  readonly gathering: boolean;
  /** What a drag on the empty canvas does. */
  readonly tool: PointerTool;
  /** A sticky note that was just made. */
  readonly freshNote: string | null;
  /** Which side panel is open where there is no room for both. */
  readonly drawer: "steps" | "inspector" | null;
  /** The outline is shown in place of the canvas. */
  readonly outline: boolean;
  /** The part of the panel of a node that is shown. */
  readonly nodeTab: NodeTab;
  readonly showProblems: boolean;
  readonly dialog: DialogName | null;
  /** What the run dialog asks about. */
  readonly plan: RunPlan;
  /** The hints of the first visit are shown. */
  readonly hints: boolean;
  /** What the import dialog begins with. */
  readonly importing: { readonly text: string; readonly name: string };
  readonly run: RunPanel | null;
  readonly logFilter: DrawerFilter;
  readonly starting: boolean;
  readonly notice: Notice | null;
  /** Counts what was tried here by somebody who may only look. */
  readonly refused: number;
  /** Who else has this workflow open. */
  readonly people: readonly Person[];
  /** Whether this browser keeps what the server does not have yet. */
  readonly kept: boolean;
  /** Whether the last edit is still on its way there. */
  readonly writing: boolean;
  /** Work of an earlier visit that was found in this browser. */
  readonly found: Found | null;
  /** What a screen reader is told; `turn` makes the same words sound again. */
  readonly said: { readonly text: string; readonly turn: number };
  readonly focusRequest: FocusRequest | null;
  /** Counts how often the keyboard was asked into the log. */
  readonly logRequest: number;
  /** Put the keyboard into this field of the inspector. */
  readonly fieldRequest: { readonly field: string; readonly turn: number } | null;
}

export function firstState(
  document: GraphDocument,
  problems: readonly Problem[],
  save: SaveState,
  published: Published | null,
  fresh: boolean,
): EditorState {
  return {
    document,
    selection: NOTHING,
    problems,
    undoLabel: null,
    redoLabel: null,
    save,
    published,
    fresh,
    choosing: null,
    connecting: null,
    stepMenu: null,
    edgeEditor: null,
    renaming: null,
    gathering: false,
    tool: "select",
    freshNote: null,
    drawer: null,
    outline: false,
    nodeTab: "settings",
    showProblems: false,
    dialog: null,
    plan: WHOLE,
    hints: !hintsSeen(),
    importing: { text: "", name: "" },
    run: null,
    logFilter: { level: "info", node: null, search: "", visit: null },
    starting: false,
    notice: null,
    refused: 0,
    people: [],
    kept: true,
    writing: false,
    found: null,
    said: { text: "", turn: 0 },
    focusRequest: null,
    logRequest: 0,
    fieldRequest: null,
  };
}
