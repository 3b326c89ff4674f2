import { beforeEach, describe, expect, it, vi } from "vitest";
import { blankDocument, type GraphDocument } from "../model/document";
import { selectNode } from "../model/selection";
import { addChosen, addFromPalette, openChooser } from "./adding";
import type { EditorBoot } from "./boot";
import { clipText, deleteSelected, duplicate, pasteText } from "./clipping";
import { beginConnect, connectKey, connectNodes, nextEdge } from "./connecting";
import { canvasKey } from "./keys";
import { LocalCopies } from "./localCopy";
import { Session } from "./session";
import type { Choosing } from "./state";

class Shelf {
  readonly items = new Map<string, string>();
  get length() {
    return this.items.size;
  }
  key = (index: number) => [...this.items.keys()][index] ?? null;
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
  removeItem = (key: string) => void this.items.delete(key);
}

const shelf = new Shelf();

function open(draft: GraphDocument = blankDocument("k", "K"), canEdit = true): Session {
  const boot: EditorBoot = {
    page: "editor",
    workflow: {
      id: "w",
      key: "k",
      name: "K",
      rev: 1,
      saved_at: null,
      saved_by: null,
      published: null,
      can_edit: canEdit,
      draft,
      problems: [],
    },
    tools: [
      {
        name: "text.upper",
        summary: "Capitals",
        doc: "",
        category: "text",
        effect: "pure",
        schema: { properties: { text: { type: "string" } }, required: ["text"] },
      },
    ],
    user: { name: "ana" },
    urls: { api: "/api/v1", workflows: "/workflows/", run: "/runs/{id}", tool: "/tools/{name}" },
  };
  return new Session(boot, {
    copies: new LocalCopies(shelf, "w", "tab"),
    later: () => () => undefined,
    now: () => 0,
  });
}

const key = (name: string, more: Partial<Parameters<typeof canvasKey>[1]> = {}) => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

describe("session", () => {
  let session: Session;
  beforeEach(() => {
    shelf.items.clear();
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));
    session = open();
  });

  const wires = () => session.document.edges.map(({ from, to }) => `${from}>${to}`);
  const chosen = () => [...session.state.selection.nodes];

  function chain(): void {
    for (const offer of ["tool:text.upper", "type:set", "type:end"]) addFromPalette(session, offer);
  }

  it("wires each new step after the selected one, in one undo step each", () => {
    chain();
    expect(wires()).toEqual(["upper>set", "set>end"]);
    expect(session.document.entry).toEqual(["upper"]);
    expect(chosen()).toEqual(["end"]);
    session.undo();
    expect(Object.keys(session.document.nodes)).toEqual(["upper", "set"]);
    expect(session.state.undoLabel).toBe("add set");
  });

  it("adds a step alone when asked, and never after an end", () => {
    chain();
    openChooser(session);
    expect(session.state.choosing?.after).toBeNull();
    session.select(selectNode("set"));
    openChooser(session);
    addChosen(session, "type:noop", session.state.choosing as Choosing, true);
    expect(wires()).toEqual(["upper>set", "set>end"]);
  });

  it("puts a step into the selected edge and makes room", () => {
    chain();
    session.goToEdge("e1");
    addFromPalette(session, "type:noop");
    expect(wires()).toEqual(["upper>join", "join>set", "set>end"]);
    const [a, b, c] = ["upper", "join", "set"].map((id) => session.document.layout[id]?.[0] ?? 0);
    expect((b ?? 0) - (a ?? 0)).toBeGreaterThan(208);
    expect((c ?? 0) - (b ?? 0)).toBeGreaterThan(208);
  });

  it("connects with the keyboard: C, a name, Enter; Escape leaves all as it was", () => {
    chain();
    session.select(selectNode("set"));
    beginConnect(session);
    for (const letter of "upp") connectKey(session, letter, null);
    expect(session.state.connecting?.candidate).toBe("upper");
    connectKey(session, "Enter", null);
    expect(wires()).toEqual(["upper>set", "set>end", "set>upper"]);
    expect(session.state.focusRequest?.id).toBe("set");
    beginConnect(session);
    connectKey(session, "Escape", null);
    expect(session.state.connecting).toBeNull();
    expect(wires()).toHaveLength(3);
  });

  it("says why two steps cannot be connected", () => {
    chain();
    expect(connectNodes(session, "upper", "set")).toBe(false);
    expect(session.state.said.text).toMatch("already connected");
    session.select(selectNode("end"));
    beginConnect(session);
    expect(session.state.connecting).toBeNull();
  });

  it("moves the keyboard to the nearest step after a deletion, and undoes it", () => {
    chain();
    session.select(selectNode("set"));
    deleteSelected(session, true);
    expect(wires()).toEqual(["upper>end"]);
    expect(session.state.focusRequest?.id).toBe("upper");
    canvasKey(session, key("z", { ctrlKey: true }));
    expect(wires()).toEqual(["upper>set", "set>end"]);
  });

  it("travels, nudges and selects by keys", () => {
    chain();
    canvasKey(session, key("ArrowLeft"));
    expect(chosen()).toEqual(["set"]);
    const [x, y] = session.document.layout.set ?? [0, 0];
    canvasKey(session, key("ArrowDown", { shiftKey: true }));
    canvasKey(session, key("ArrowDown", { ctrlKey: true }));
    expect(session.document.layout.set).toEqual([x, y + 9]);
    canvasKey(session, key("a", { ctrlKey: true }));
    expect(chosen()).toHaveLength(3);
    expect(canvasKey(session, key("x"))).toBe(false);
  });

  it("goes from edge to edge of a step", () => {
    chain();
    connectNodes(session, "set", "upper");
    session.select(selectNode("set"));
    nextEdge(session);
    nextEdge(session);
    expect([...session.state.selection.edges]).toEqual(["e3"]);
    nextEdge(session);
    expect([...session.state.selection.edges]).toEqual(["e2"]);
  });

  it("copies, pastes and duplicates with new ids", () => {
    chain();
    session.select(selectNode("set"));
    const text = clipText(session) ?? "";
    expect(pasteText(session, text)).toBe(true);
    expect(pasteText(session, "hello")).toBe(false);
    duplicate(session);
    expect(Object.keys(session.document.nodes)).toEqual([
      "upper",
      "set",
      "end",
      "set_2",
      "set_2_2",
    ]);
  });

  it("restores what this tab had not saved, and can give it up again", () => {
    chain();
    session.saver.leave();
    const again = open();
    expect(again.state.found?.restored).toBe(true);
    expect(Object.keys(again.document.nodes)).toEqual(["upper", "set", "end"]);
    expect(again.saver.pending).toBe(true);
    again.discardFound();
    expect(Object.keys(again.document.nodes)).toEqual([]);
    expect(shelf.length).toBe(0);
  });

  it("changes nothing for someone who may only look", () => {
    const looking = open(session.document, false);
    addFromPalette(looking, "type:end");
    openChooser(looking);
    canvasKey(looking, key("n"));
    expect(Object.keys(looking.document.nodes)).toEqual([]);
    expect(looking.state.choosing).toBeNull();
  });

  it("shows problems at once", () => {
    chain();
    session.select(selectNode("upper"));
    addFromPalette(session, "tool:gone.tool");
    expect(session.state.problems.map(({ code }) => code)).toEqual(["unknown_tool"]);
  });
});
