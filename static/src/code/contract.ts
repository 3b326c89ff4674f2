/**
 * What the lazy file `code.js` offers. Pages import these types only, and load the file itself
 * with `loadCode`, so that the code editor costs nothing until it is shown.
 */
export type Language = "python" | "json" | "text";

/** How bad a marked line is; each has a shape of its own beside its colour. */
export type MarkLevel = "error" | "warning" | "info";

/** A mark in the gutter of one line. */
export interface LineMark {
  /** From 1. */
  readonly line: number;
  readonly level: MarkLevel;
  /** Shown under the pointer and read out. */
  readonly text: string;
}

export interface EditorOptions {
  readonly parent: HTMLElement;
  readonly text: string;
  readonly language: Language;
  /** What a screen reader calls the field. */
  readonly label: string;
  readonly readOnly?: boolean;
  /** Shown while the field is empty. */
  readonly placeholder?: string;
  readonly onChange?: (text: string) => void;
  /** Ctrl+Enter, Cmd+Enter on macOS. */
  readonly onSubmit?: () => void;
  /** The line the cursor came to, from 1. */
  readonly onLine?: (line: number) => void;
}

export interface CodeEditor {
  text(): string;
  setText(text: string): void;
  setReadOnly(readOnly: boolean): void;
  /** Replace every mark. Lines outside the text are left out. */
  setMarks(marks: readonly LineMark[]): void;
  /** Scroll to a line, from 1, and put the cursor on it. */
  reveal(line: number): void;
  focus(): void;
  destroy(): void;
}

export interface DiffOptions {
  readonly parent: HTMLElement;
  readonly before: string;
  readonly after: string;
  readonly language: Language;
  readonly label: string;
  /** Both sides beside each other, or one text with removed lines shown in place. */
  readonly layout: "split" | "unified";
}

export interface CodeDiff {
  destroy(): void;
}

/** The public names of `code.js`. */
export interface CodeModule {
  createEditor(options: EditorOptions): CodeEditor;
  createDiff(options: DiffOptions): CodeDiff;
}
