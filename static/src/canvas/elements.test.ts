import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choices, commandOf, documents } from "../model/arbitrary";
import { apply } from "../model/changes";
import type { GraphDocument, Point } from "../model/document";
import { changeGroup, groupNodes } from "../model/groups";
import { setNodeField } from "../model/nodes";
import { NOTHING, selectNodes } from "../model/selection";
import { shownOf } from "../model/shown";
import { Elements, NO_MARKS, type View } from "./elements";

const viewOf = (document: GraphDocument, more: Partial<View> = {}): View => ({
  document,
  tools: TOOLS,
  selection: NOTHING,
  marks: NO_MARKS,
  running: false,
  dragged: null,
  landing: null,
  tabStop: null,
  candidate: null,
  editable: true,
  ...more,
});
const TOOLS = new Map();
const MARK = { errors: 1, warnings: 0 };

describe("elements", () => {
  it("after any change of the view are what they would be when made afresh", () => {
    fc.assert(
      fc.property(
        documents(),
        fc.array(fc.tuple(fc.nat(), fc.nat(8), choices), { maxLength: 12 }),
        (document, steps) => {
          const elements = new Elements();
          const ids = Object.keys(document.nodes);
          let view = viewOf(document);
          for (const [n, kind, choice] of steps) {
            const id = ids[n % ids.length] as string;
            if (kind === 0) view = { ...view, selection: selectNodes([id]) };
            if (kind === 1) view = { ...view, dragged: new Map<string, Point>([[id, [n, n]]]) };
            if (kind === 2) view = { ...view, dragged: null, tabStop: id };
            if (kind === 3) view = { ...view, candidate: id };
            if (kind === 4) {
              view = { ...view, document: setNodeField(view.document, id, "title", `${n}`) };
            }
            if (kind === 5)
              view = { ...view, marks: { nodes: new Map([[id, MARK]]), edges: new Map() } };
            if (kind === 6) view = { ...view, running: !view.running };
            if (kind > 6) {
              const command = commandOf(view.document, choice);
              if (command) view = { ...view, document: apply(view.document, command) };
            }
            const fresh = new Elements();
            expect(elements.steps(view)).toEqual(fresh.steps(view));
            expect(elements.wires(view)).toEqual(fresh.wires(view));
          }
        },
      ),
    );
  });

  it("tell React Flow every size and port, so that it measures nothing in the page", () => {
    fc.assert(
      fc.property(documents(), fc.boolean(), (document, closed) => {
        const ids = Object.keys(document.nodes).slice(0, 2);
        const grouped = changeGroup(groupNodes(document, "g", ids), "g", { collapsed: closed });
        const { boxes, geometry } = shownOf(grouped);
        const elements = new Elements();
        const steps = elements.steps(viewOf(grouped));
        expect(steps.map((step) => step.id)).toEqual([...boxes.keys()]);
        for (const step of steps) {
          const box = boxes.get(step.id);
          expect(step.measured).toEqual({ width: box?.width, height: box?.height });
          expect([step.width, step.height]).toEqual([box?.width, box?.height]);
          const ports = geometry.get(step.id)?.ports ?? [];
          expect(step.handles?.map(({ id, x, y }) => [id, x + 12, y + 12])).toEqual(
            ports.map(({ id, x, y }) => [id, x, y]),
          );
        }
        const shown = new Set(boxes.keys());
        for (const wire of elements.wires(viewOf(grouped))) {
          expect(shown.has(wire.source) && shown.has(wire.target)).toBe(true);
        }
      }),
    );
  });

  it("keep their identity, and that of their lists, while nothing about them changed", () => {
    const [document] = fc.sample(documents(8), { numRuns: 1, seed: 3 });
    const ids = Object.keys((document as GraphDocument).nodes);
    const elements = new Elements();
    const view = viewOf(document as GraphDocument);
    const before = elements.steps(view);
    const wires = elements.wires(view);
    expect(elements.steps({ ...view })).toBe(before);
    const after = elements.steps({ ...view, selection: selectNodes([ids[0] as string]) });
    expect(after[0]).not.toBe(before[0]);
    expect(after.slice(1)).toEqual(before.slice(1));
    for (let i = 1; i < after.length; i += 1) expect(after[i]).toBe(before[i]);
    expect(elements.wires({ ...view, selection: selectNodes([ids[0] as string]) })).toBe(wires);
  });
});
