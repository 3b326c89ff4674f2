import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import type { CodeDiff, DiffOptions } from "./contract";
import { languageSupport } from "./languages";
import { styleNonce } from "./nonce";
import { look } from "./theme";

/** Lines kept around a change, and the least run of equal lines that is folded away. */
const COLLAPSE = { margin: 3, minSize: 8 };
/** Precise enough for files of some thousand lines, in at most half a second. */
const DIFFER = { scanLimit: 10_000, timeout: 500 };

/** Two texts and what changed between them; both can be read and copied, not edited. */
export function createDiff(options: DiffOptions): CodeDiff {
  return options.layout === "split" ? splitDiff(options) : unifiedDiff(options);
}

function splitDiff(options: DiffOptions): CodeDiff {
  const view = new MergeView({
    a: { doc: options.before, extensions: reading(options, "before") },
    b: { doc: options.after, extensions: reading(options, "after") },
    parent: options.parent,
    collapseUnchanged: COLLAPSE,
    diffConfig: DIFFER,
    gutter: true,
  });
  return { destroy: () => view.destroy() };
}

function unifiedDiff(options: DiffOptions): CodeDiff {
  const view = new EditorView({
    doc: options.after,
    parent: options.parent,
    extensions: [
      reading(options, "changes"),
      unifiedMergeView({
        original: options.before,
        mergeControls: false,
        collapseUnchanged: COLLAPSE,
        diffConfig: DIFFER,
        gutter: true,
      }),
    ],
  });
  return { destroy: () => view.destroy() };
}

function reading(options: DiffOptions, side: string): Extension {
  return [
    styleNonce(),
    lineNumbers(),
    languageSupport(options.language),
    EditorState.readOnly.of(true),
    EditorView.contentAttributes.of({
      "aria-label": `${options.label}, ${side}`,
      tabindex: "0",
    }),
    look,
  ];
}
