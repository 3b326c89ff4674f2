import type { FocusRequest } from "../canvas/hooks";
import type { GraphDocument, Point } from "../model/document";
import type { Problem } from "../model/problems";
import { NOTHING, type Selection } from "../model/selection";
import type { LogRow } from "../run/logLines";
import type { RunView } from "../run/view";
import type { Published } from "./boot";
import type { FoundCopy } from "./localCopy";
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
  readonly view: RunView;
  readonly rows: readonly LogRow[];
  /** What to tell about the live link; null when all is well. */
  readonly notice: string | null;
  /** The document that was run. */
  readonly document: GraphDocument;
}

export type DialogName = "run" | "publish" | "keys" | "import";

export interface Notice {
  readonly tone: "error" | "success" | "info";
  readonly text: string;
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
  /** The edge whose condition is being edited on the canvas. */
  readonly edgeEditor: string | null;
  /** A sticky note that was just made. */
  readonly freshNote: string | null;
  /** Which side panel is open where there is no room for both. */
  readonly drawer: "steps" | "inspector" | null;
  readonly showProblems: boolean;
  readonly dialog: DialogName | null;
  readonly run: RunPanel | null;
  readonly starting: boolean;
  readonly notice: Notice | null;
  /** Work of an earlier visit that was found in this browser. */
  readonly found: { readonly copy: FoundCopy; readonly restored: boolean } | null;
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
): EditorState {
  return {
    document,
    selection: NOTHING,
    problems,
    undoLabel: null,
    redoLabel: null,
    save,
    published,
    fresh: false,
    choosing: null,
    connecting: null,
    edgeEditor: null,
    freshNote: null,
    drawer: null,
    showProblems: false,
    dialog: null,
    run: null,
    starting: false,
    notice: null,
    found: null,
    said: { text: "", turn: 0 },
    focusRequest: null,
    logRequest: 0,
    fieldRequest: null,
  };
}
