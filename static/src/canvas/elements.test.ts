import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documents } from "../model/arbitrary";
import type { GraphDocument, Point } from "../model/document";
import { setNodeField } from "../model/nodes";
import { NOTHING, selectNodes } from "../model/selection";
import { Elements, NO_MARKS, type View } from "./elements";

const viewOf = (document: GraphDocument, more: Partial<View> = {}): View => ({
  document,
  tools: TOOLS,
  selection: NOTHING,
  marks: NO_MARKS,
  nodeStates: null,
  edgeStates: null,
  dragged: null,
  tabStop: null,
  candidate: null,
  editable: true,
  ...more,
});
const TOOLS = new Map();

describe("elements", () => {
  it("after any change of the view are what they would be when made afresh", () => {
    fc.assert(
      fc.property(
        documents(),
        fc.array(fc.tuple(fc.nat(), fc.nat(4)), { maxLength: 12 }),
        (document, steps) => {
          const elements = new Elements();
          const ids = Object.keys(document.nodes);
          let view = viewOf(document);
          for (const [n, kind] of steps) {
            const id = ids[n % ids.length] as string;
            if (kind === 0) view = { ...view, selection: selectNodes([id]) };
            if (kind === 1) view = { ...view, dragged: new Map<string, Point>([[id, [n, n]]]) };
            if (kind === 2) view = { ...view, dragged: null, tabStop: id };
            if (kind === 3) view = { ...view, candidate: id };
            if (kind === 4) {
              view = { ...view, document: setNodeField(view.document, id, "title", `${n}`) };
            }
            const fresh = new Elements();
            expect(elements.steps(view)).toEqual(fresh.steps(view));
            expect(elements.wires(view)).toEqual(fresh.wires(view));
          }
        },
      ),
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
