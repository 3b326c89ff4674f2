import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  placeholder,
} from "@codemirror/view";
import type { CodeEditor, EditorOptions } from "./contract";
import { languageSupport } from "./languages";
import { lineMarks, setMarks } from "./marks";
import { styleNonce } from "./nonce";
import { look } from "./theme";

/** A code field. Tab indents; Escape then Tab leaves it, as the label says. */
export function createEditor(options: EditorOptions): CodeEditor {
  const locked = new Compartment();
  const state = EditorState.create({
    doc: options.text,
    extensions: [
      submitKey(options),
      ...basics(options),
      locked.of(lock(options.readOnly ?? false)),
    ],
  });
  const view = new EditorView({ state, parent: options.parent });
  return {
    text: () => view.state.doc.toString(),
    setText: (text) => replace(view, text),
    setReadOnly: (readOnly) => view.dispatch({ effects: locked.reconfigure(lock(readOnly)) }),
    setMarks: (marks) => view.dispatch({ effects: setMarks.of(marks) }),
    reveal: (line) => reveal(view, line),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

function basics(options: EditorOptions): Extension[] {
  return [
    styleNonce(),
    lineMarks,
    lineNumbers(),
    foldGutter(),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    search({ top: true }),
    keymap.of([...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, indentWithTab]),
    languageSupport(options.language),
    options.placeholder ? placeholder(options.placeholder) : [],
    EditorView.contentAttributes.of({ "aria-label": options.label, tabindex: "0" }),
    look,
    listener(options),
  ];
}

function submitKey({ onSubmit }: EditorOptions): Extension {
  if (!onSubmit) return [];
  const run = () => {
    onSubmit();
    return true;
  };
  return keymap.of([{ key: "Mod-Enter", run }]);
}

function listener({ onChange, onLine }: EditorOptions): Extension {
  return EditorView.updateListener.of((update) => {
    if (update.docChanged) onChange?.(update.state.doc.toString());
    if (update.selectionSet && onLine) {
      onLine(update.state.doc.lineAt(update.state.selection.main.head).number);
    }
  });
}

/** A locked field can still be focused, searched and copied from. */
function lock(readOnly: boolean): Extension {
  return EditorState.readOnly.of(readOnly);
}

function replace(view: EditorView, text: string): void {
  if (view.state.doc.toString() === text) return;
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
}

function reveal(view: EditorView, line: number): void {
  const { doc } = view.state;
  const at = doc.line(Math.min(Math.max(1, line), doc.lines)).from;
  view.dispatch({
    selection: { anchor: at },
    effects: EditorView.scrollIntoView(at, { y: "center" }),
  });
  view.focus();
}
