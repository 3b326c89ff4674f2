import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choices, commandOf, documents } from "./arbitrary";
import { apply } from "./changes";
import { blankDocument, type GraphDocument, serialise } from "./document";
import { addNode, setNodeField } from "./nodes";
import { diff, isPatch, patched } from "./patch";

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe("patch", () => {
  it("gives back every edit byte for byte, also after it was written down", () => {
    fc.assert(
      fc.property(documents(), fc.array(choices, { maxLength: 20 }), (first, list) => {
        let document = first;
        let replayed = throughJson(first);
        for (const choice of list) {
          const command = commandOf(document, choice);
          if (!command) continue;
          const next = apply(document, command);
          const patch = throughJson(diff(document, next));
          expect(isPatch(patch)).toBe(true);
          replayed = patched(replayed, patch);
          document = next;
          expect(serialise(replayed)).toBe(serialise(document));
        }
      }),
    );
  });

  it("holds only what an edit changed", () => {
    let document: GraphDocument = blankDocument("k", "K");
    for (let i = 0; i < 1000; i += 1) {
      document = addNode(document, `n${i}`, { type: "noop" }, [i * 8, 0]);
    }
    const patch = diff(document, setNodeField(document, "n7", "title", "Seven"));
    expect(JSON.stringify(patch).length).toBeLessThan(100);
  });

  it("takes ways of one id as they are", () => {
    const twice = [
      { id: "e1", from: "a", to: "b" },
      { id: "e1", from: "b", to: "a" },
    ];
    const before: GraphDocument = blankDocument("k", "K");
    const after: GraphDocument = { ...before, edges: twice };
    expect(patched(before, diff(before, after)).edges).toEqual(twice);
  });

  it("is told from what is none", () => {
    for (const value of [
      null,
      [],
      {},
      { parts: [] },
      { parts: {}, nodes: [] },
      { parts: {}, keys: [1] },
    ]) {
      expect(isPatch(value)).toBe(false);
    }
  });
});
