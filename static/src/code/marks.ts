import { type Extension, RangeSet, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, gutter, hoverTooltip } from "@codemirror/view";
import type { LineMark, MarkLevel } from "./contract";

const RANK: Readonly<Record<MarkLevel, number>> = { error: 2, warning: 1, info: 0 };
const SHAPES: Readonly<Record<MarkLevel, string>> = {
  error: "M1 1l10 10M11 1L1 11",
  warning: "M6 1l5.4 10H.6z",
  info: "M6 2a4 4 0 1 0 0 8a4 4 0 1 0 0-8",
};
const SVG = "http://www.w3.org/2000/svg";

/** Every mark of one line, worst first. */
interface MarkedLine {
  readonly line: number;
  readonly level: MarkLevel;
  readonly texts: readonly string[];
}

interface MarkState {
  readonly gutter: RangeSet<GutterMarker>;
  readonly rows: RangeSet<Decoration>;
}

/** Replace the marks of an editor. */
export const setMarks = StateEffect.define<readonly LineMark[]>();

const NONE: MarkState = { gutter: RangeSet.empty, rows: RangeSet.empty };

const field = StateField.define<MarkState>({
  create: () => NONE,
  update(state, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setMarks)) return place(effect.value, transaction.state.doc);
    }
    if (!transaction.docChanged) return state;
    const { changes } = transaction;
    return { gutter: state.gutter.map(changes), rows: state.rows.map(changes) };
  },
  provide: (self) => EditorView.decorations.from(self, (state) => state.rows),
});

class Mark extends GutterMarker {
  readonly #marked: MarkedLine;

  constructor(marked: MarkedLine) {
    super();
    this.#marked = marked;
  }

  /** The texts of the line, for the tooltip. */
  get texts(): readonly string[] {
    return this.#marked.texts;
  }

  override eq(other: GutterMarker): boolean {
    return other instanceof Mark && other.#marked === this.#marked;
  }

  override toDOM(): Node {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 -4 12 20");
    svg.setAttribute("class", `cm-mark cm-mark-${this.#marked.level}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", this.#marked.texts.join("; "));
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", SHAPES[this.#marked.level]);
    path.setAttribute("fill", this.#marked.level === "error" ? "none" : "currentColor");
    path.setAttribute("stroke", "currentColor");
    path.setAttribute("stroke-width", this.#marked.level === "error" ? "2.2" : "1");
    path.setAttribute("stroke-linecap", "round");
    path.setAttribute("stroke-linejoin", "round");
    svg.append(path);
    return svg;
  }
}

/** Group marks by line; lines outside the text are left out. */
export function groupMarks(marks: readonly LineMark[], lines: number): MarkedLine[] {
  const byLine = new Map<number, LineMark[]>();
  for (const mark of marks) {
    if (mark.line < 1 || mark.line > lines) continue;
    byLine.set(mark.line, [...(byLine.get(mark.line) ?? []), mark]);
  }
  return [...byLine.entries()].sort(([a], [b]) => a - b).map(([line, list]) => worst(line, list));
}

function worst(line: number, marks: readonly LineMark[]): MarkedLine {
  const sorted = marks.toSorted((a, b) => RANK[b.level] - RANK[a.level]);
  return { line, level: sorted[0]?.level ?? "info", texts: sorted.map((mark) => mark.text) };
}

function place(marks: readonly LineMark[], doc: Text): MarkState {
  const lines = groupMarks(marks, doc.lines);
  const at = (marked: MarkedLine) => doc.line(marked.line).from;
  return {
    gutter: RangeSet.of(lines.map((marked) => new Mark(marked).range(at(marked)))),
    rows: RangeSet.of(
      lines
        .filter((marked) => marked.level !== "info")
        .map((marked) => Decoration.line({ class: `cm-marked-${marked.level}` }).range(at(marked))),
    ),
  };
}

const column = gutter({
  class: "cm-marks",
  markers: (view) => view.state.field(field).gutter,
  initialSpacer: () => new Mark({ line: 0, level: "info", texts: [""] }),
});

const tooltip = hoverTooltip((view, position) => {
  const line = view.state.doc.lineAt(position);
  const texts: string[] = [];
  view.state.field(field).gutter.between(line.from, line.from, (_from, _to, mark) => {
    if (mark instanceof Mark) texts.push(...mark.texts);
  });
  if (texts.length === 0) return null;
  return { pos: line.from, create: () => ({ dom: tooltipBox(texts) }) };
});

function tooltipBox(texts: readonly string[]): HTMLElement {
  const box = document.createElement("div");
  box.textContent = texts.join("\n");
  return box;
}

/** Marks in the gutter, on the line and under the pointer. */
export const lineMarks: Extension = [field, column, tooltip];
