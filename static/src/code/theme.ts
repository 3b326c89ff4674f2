import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/** Everything in the page's own colours, so that light, dark and forced colours come by themselves. */
const surface = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  // Over the gutters, which would cover an outline.
  "&.cm-focused::after": {
    content: '""',
    position: "absolute",
    inset: "0",
    zIndex: "300",
    border: "2px solid var(--focus)",
    borderRadius: "inherit",
    pointerEvents: "none",
  },
  ".cm-scroller": { fontFamily: MONO, lineHeight: "20px" },
  ".cm-content": { caretColor: "var(--text)", padding: "8px 0" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": {
    backgroundColor: "var(--sunken)",
    color: "var(--muted)",
    border: "none",
    borderRight: "1px solid var(--hairline)",
  },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 8px 0 6px", minWidth: "32px" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent) 7%, transparent)" },
  ".cm-activeLineGutter": {
    backgroundColor: "color-mix(in srgb, var(--accent) 14%, transparent)",
    color: "var(--text)",
  },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { backgroundColor: "color-mix(in srgb, var(--accent) 28%, transparent)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: "color-mix(in srgb, var(--accent) 22%, transparent)",
    outline: "1px solid var(--accent)",
  },
  ".cm-nonmatchingBracket": { color: "var(--error)" },
  ".cm-placeholder": { color: "var(--muted)" },
  ".cm-tooltip": {
    backgroundColor: "var(--surface)",
    color: "var(--text)",
    border: "1px solid var(--border)",
    borderRadius: "6px",
    padding: "6px 10px",
    maxWidth: "420px",
    fontFamily: "system-ui, sans-serif",
    fontSize: "12px",
    whiteSpace: "pre-line",
  },
  ".cm-panels": {
    backgroundColor: "var(--sunken)",
    color: "var(--text)",
    borderColor: "var(--hairline)",
  },
  ".cm-textfield": {
    backgroundColor: "var(--surface)",
    color: "var(--text)",
    border: "1px solid var(--border)",
    borderRadius: "6px",
  },
  ".cm-button": {
    backgroundImage: "none",
    backgroundColor: "var(--surface)",
    color: "var(--text)",
    border: "1px solid var(--border)",
    borderRadius: "6px",
  },
  ".cm-panel.cm-search label": { fontSize: "12px" },
  ".cm-searchMatch": { backgroundColor: "color-mix(in srgb, var(--warn) 30%, transparent)" },
  ".cm-searchMatch-selected": { outline: "2px solid var(--warn)" },
  ".cm-selectionMatch": { backgroundColor: "color-mix(in srgb, var(--accent) 12%, transparent)" },
  ".cm-foldPlaceholder": {
    backgroundColor: "var(--sunken)",
    color: "var(--muted)",
    border: "1px solid var(--hairline)",
  },
});

const marks = EditorView.theme({
  ".cm-marks": { width: "20px" },
  ".cm-marks .cm-gutterElement": { display: "flex", justifyContent: "center" },
  ".cm-mark": { width: "12px", height: "20px", padding: "4px 0", boxSizing: "border-box" },
  ".cm-mark-error": { color: "var(--error)" },
  ".cm-mark-warning": { color: "var(--warn)" },
  ".cm-mark-info": { color: "var(--running)" },
  ".cm-marked-error": { backgroundColor: "color-mix(in srgb, var(--error) 9%, transparent)" },
  ".cm-marked-warning": { backgroundColor: "color-mix(in srgb, var(--warn) 8%, transparent)" },
});

const diff = EditorView.theme({
  "&.cm-merge-b .cm-changedLine, .cm-inlineChangedLine": {
    backgroundColor: "color-mix(in srgb, var(--ok) 12%, transparent)",
  },
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": {
    backgroundColor: "color-mix(in srgb, var(--error) 10%, transparent)",
  },
  ".cm-insertedLine": { textDecoration: "none", background: "none" },
  "&.cm-merge-b .cm-changedText, .cm-inlineChangedLine .cm-changedText": {
    background: "color-mix(in srgb, var(--ok) 26%, transparent)",
    textDecoration: "none",
  },
  "&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText": {
    background: "color-mix(in srgb, var(--error) 24%, transparent)",
    textDecoration: "none",
  },
  // The colours of the grammar do not stand out enough on the colours of a change.
  ".cm-changedText, .cm-changedText *, .cm-deletedText, .cm-deletedText *": {
    color: "var(--text) !important",
  },
  ".cm-deletedChunk .cm-deletedLine": { textDecoration: "none" },
  "&.cm-merge-b .cm-changedLineGutter": { background: "var(--ok)" },
  "&.cm-merge-a .cm-changedLineGutter, .cm-deletedLineGutter": { background: "var(--error)" },
  ".cm-collapsedLines::before, .cm-collapsedLines::after": { content: "none" },
  ".cm-collapsedLines": {
    color: "var(--muted)",
    background: "var(--sunken)",
    borderTop: "1px solid var(--hairline)",
    borderBottom: "1px solid var(--hairline)",
    padding: "4px 12px",
    fontFamily: "system-ui, sans-serif",
    fontSize: "12px",
  },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--accent)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--ok)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--warn)" },
  { tag: [tags.comment, tags.meta], color: "var(--muted)", fontStyle: "italic" },
  {
    tag: [tags.definition(tags.variableName), tags.function(tags.definition(tags.variableName))],
    color: "var(--running)",
  },
  { tag: [tags.className, tags.definition(tags.className)], color: "var(--condition)" },
  { tag: tags.propertyName, color: "var(--text)" },
  { tag: tags.definition(tags.propertyName), color: "var(--running)" },
  { tag: [tags.self, tags.special(tags.variableName)], color: "var(--condition)" },
  { tag: tags.invalid, color: "var(--error)" },
]);

/** The look of every code view. */
export const look: Extension = [surface, marks, diff, syntaxHighlighting(colours)];
