import { describe, expect, it } from "vitest";
import { apply, revert } from "./changes";
import { blankDocument, type GraphDocument } from "./document";
import * as edits from "./edits";
import { merge } from "./merge";
import {
  changeNote,
  firstWords,
  freshNoteId,
  type Note,
  notesOf,
  putNote,
  removeNote,
} from "./notes";

const blank = blankDocument("k", "K");
const note: Note = { at: [8, 16], size: [240, 120], text: "**Mind** this", tone: "amber" };
const noted = putNote(blank, "note", note);

const stripped = ({ meta: _, ...rest }: GraphDocument) => rest;

describe("notes", () => {
  it("live in meta, beside what else is there", () => {
    const document = putNote({ ...blank, meta: { owner: "ann" } }, "note", note);
    expect(document.meta).toEqual({ owner: "ann", notes: { note } });
    expect(notesOf(document).get("note")).toEqual(note);
    expect(stripped(document)).toEqual(stripped(blank));
  });

  it("go without a trace", () => {
    expect(removeNote(noted, "note")).toEqual(blank);
    expect(removeNote(noted, "other")).toBe(noted);
  });

  it("change only where something differs", () => {
    expect(changeNote(noted, "note", { at: [8, 16] })).toBe(noted);
    expect(notesOf(changeNote(noted, "note", { tone: "blue" })).get("note")?.tone).toBe("blue");
  });

  it("are undone like any edit", () => {
    const command = edits.setNote("note", { text: "x" })(noted);
    if (!command) throw new Error("nothing changed");
    const after = apply(noted, command);
    expect(notesOf(after).get("note")?.text).toBe("x");
    expect(JSON.stringify(revert(after, command))).toBe(JSON.stringify(noted));
  });

  it("get ids of their own", () => {
    expect(freshNoteId(blank)).toBe("note");
    expect(freshNoteId(noted)).toBe("note_2");
  });

  it("leave out what is not shaped like one", () => {
    const meta = { notes: { a: 1, b: { text: "t", at: "x", size: [1], tone: "pink" }, c: {} } };
    expect([...notesOf({ ...blank, meta })]).toEqual([
      ["b", { at: [0, 0], size: [240, 120], text: "t", tone: "amber" }],
    ]);
  });

  it("are read out by their first line, without marks", () => {
    expect(firstWords({ ...note, text: "\n## Big **plan**" })).toBe("Big plan");
    expect(firstWords({ ...note, text: "" })).toBe("empty");
  });

  it("are joined one by one when two people write", () => {
    const mine = putNote(noted, "mine", note);
    const theirs = changeNote(noted, "note", { text: "theirs" });
    const { document, conflicts } = merge(noted, mine, theirs);
    expect(conflicts).toEqual([]);
    expect([...notesOf(document).keys()].sort()).toEqual(["mine", "note"]);
    expect(notesOf(document).get("note")?.text).toBe("theirs");
  });

  it("name the note that both wrote differently", () => {
    const mine = changeNote(noted, "note", { text: "mine" });
    const theirs = changeNote(noted, "note", { text: "theirs" });
    expect(merge(noted, mine, theirs).conflicts).toMatchObject([
      { path: ["meta", "notes", "note", "text"], mine: "mine", theirs: "theirs" },
    ]);
  });
});
