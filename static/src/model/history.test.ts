import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choices, commandOf, documents } from "./arbitrary";
import { apply, between } from "./changes";
import { blankDocument, type GraphDocument, serialise } from "./document";
import * as edits from "./edits";
import { History, MERGE_WINDOW } from "./history";

describe("history", () => {
  it("gives back the first text byte for byte after undoing 60 random edits, and the last after redoing them", () => {
    fc.assert(
      fc.property(
        documents(),
        fc.array(choices, { minLength: 60, maxLength: 60 }),
        fc.nat(59),
        (document, list, saveAt) => {
          const history = new History(document);
          const first = serialise(document);
          let saved = "";
          for (const [i, choice] of list.entries()) {
            const command = commandOf(history.document, choice);
            if (command) history.run(command, choice.a % 3 ? null : "typing", i * 400);
            if (i === saveAt) saved = serialise(history.document); // an autosave only reads
          }
          const last = serialise(history.document);
          while (history.undo());
          expect(serialise(history.document)).toBe(first);
          while (history.redo());
          expect(serialise(history.document)).toBe(last);
          expect(saved).not.toBe("");
        },
      ),
      { numRuns: 150 },
    );
  });

  it("joins edits with one key while they follow each other closely", () => {
    const history = new History(withNode());

    history.run(title("a", history), "title", 0);
    history.run(title("ab", history), "title", 500);
    history.run(title("abc", history), "title", 500 + MERGE_WINDOW + 1);

    expect(history.depth).toBe(2);
    history.undo();
    expect(history.document.nodes.n?.title).toBe("ab");
    history.undo();
    expect(history.document.nodes.n).not.toHaveProperty("title");
  });

  it("undoes and redoes one's own edits after a merge, and leaves those of others alone", () => {
    const history = new History(withNode());
    history.run(title("mine", history), "title", 0);
    const added = edits.add("mine", { type: "end" }, [240, 0])(history.document);
    if (added) history.run(added);
    const theirs = edits.add("theirs", { type: "end" }, [480, 0])(history.document);
    if (theirs) history.adopt(JSON.parse(JSON.stringify(apply(history.document, theirs))));

    history.undo();
    expect(Object.keys(history.document.nodes)).toEqual(["n", "theirs"]);
    history.undo();
    expect(history.document.nodes.n).not.toHaveProperty("title");
    expect(history.document.layout.theirs).toEqual([480, 0]);
    history.redo();
    history.redo();
    expect(history.document.nodes.n?.title).toBe("mine");
    expect(Object.keys(history.document.nodes).sort()).toEqual(["mine", "n", "theirs"]);
  });

  it("does not take back a field that somebody else has written since", () => {
    const history = new History(withNode());
    history.run(title("mine", history));
    const theirs = edits.setNode("n", "title", "theirs")(history.document);
    if (theirs) history.adopt(apply(history.document, theirs));
    history.undo();
    expect(history.document.nodes.n?.title).toBe("theirs");
  });

  it("redoes joined edits that made a part of the document and took it away again", () => {
    const history = new History({ ...withNode(), nodes: {}, entry: [] });
    const noted = { ...history.document, meta: { notes: {} } } as GraphDocument;
    const { meta: _, ...bare } = noted;
    const wired = { ...bare, edges: [{ id: "e1", from: "gone", to: "gone" }] } as GraphDocument;
    const steps = [history.document, noted, bare as GraphDocument, wired];
    for (const [i, after] of steps.slice(1).entries()) {
      const command = between("edit", steps[i] as GraphDocument, after);
      if (command) history.run(command, "typing", i);
    }
    expect(history.depth).toBe(1);

    history.undo();
    expect(serialise(history.document)).toBe(serialise(steps[0] as GraphDocument));
    history.redo();
    expect(serialise(history.document)).toBe(serialise(wired));
  });

  it("starts a new step after seal, and after a redo", () => {
    const history = new History(withNode());
    history.run(title("a", history), "title", 0);
    history.seal();
    history.run(title("ab", history), "title", 1);
    history.undo();
    history.redo();
    history.run(title("abc", history), "title", 2);
    expect(history.depth).toBe(3);
  });

  it("drops what was undone as soon as something new is done, and names both ends", () => {
    const history = new History(withNode());
    history.run(title("a", history));
    history.undo();
    expect(history.redoLabel).toBe("change title of n");
    history.run(title("b", history));
    expect(history.redoLabel).toBeNull();
    expect(history.undoLabel).toBe("change title of n");
    expect(history.redo()).toBeNull();
  });

  function withNode() {
    return { ...blankDocument("k", "K"), entry: ["n"], nodes: { n: { type: "noop" as const } } };
  }

  function title(text: string, history: History) {
    const command = edits.setNode("n", "title", text)(history.document);
    if (!command) throw new Error("the title did not change");
    return command;
  }
});
