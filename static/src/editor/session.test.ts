import { beforeEach, describe, expect, it, vi } from "vitest";
import { blankDocument, type GraphDocument } from "../model/document";
import * as edits from "../model/edits";
import { groupsOf } from "../model/groups";
import { addNode, setNodeField } from "../model/nodes";
import { selectNode, selectNodes } from "../model/selection";
import { addChosen, addFromPalette, openChooser } from "./adding";
import type { EditorBoot } from "./boot";
import { clipText, deleteSelected, duplicate, pasteText } from "./clipping";
import { beginConnect, connectKey, connectNodes, nextEdge } from "./connecting";
import { toggleGroup } from "./grouping";
import { Journal } from "./journal/journal";
import { MemoryShelf } from "./journal/memoryShelf";
import { canvasKey, historyKey } from "./keys";
import { Session, type SessionPorts } from "./session";
import type { Choosing } from "./state";
import { tidyLarge } from "./tidying";

const shelf = new MemoryShelf();
const journalOf = (tab: string) => new Journal(shelf, "ana/w", tab, () => 0);

interface Opened {
  readonly draft?: GraphDocument;
  readonly canEdit?: boolean;
  readonly rev?: number;
  readonly tab?: string;
  readonly found?: SessionPorts["found"];
}

function open(opened: Opened = {}): Session {
  const { draft = blankDocument("k", "K"), canEdit = true, rev = 1, tab = "tab" } = opened;
  const boot: EditorBoot = {
    page: "editor",
    workflow: {
      id: "w",
      key: "k",
      name: "K",
      rev,
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
    urls: {
      api: "/api/v1",
      workflows: "/workflows/",
      run: "/runs/{id}",
      tool: "/tools/{name}",
      files: {},
    },
  };
  return new Session(boot, {
    journal: journalOf(tab),
    channel: null,
    found: opened.found ?? null,
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
    addChosen(session, "type:noop", session.state.choosing as Choosing, { alone: true });
    expect(wires()).toEqual(["upper>set", "set>end"]);
  });

  it("lays a large graph out beside the page, or on it where that cannot be; one undo takes it back", async () => {
    const ids = Array.from({ length: 400 }, (_, at) => `n${at}`);
    const draft: GraphDocument = {
      ...blankDocument("k", "K"),
      entry: ["n0"],
      nodes: Object.fromEntries(ids.map((id) => [id, { type: "noop" as const }])),
      edges: ids.slice(1).map((to, at) => ({ id: `e${at}`, from: `n${at}`, to })),
      layout: Object.fromEntries(ids.map((id) => [id, [0, 0] as const])),
    };
    session = open({ draft });
    const tidied = tidyLarge(session);
    await tidyLarge(session); // a second wish is not a second layout
    expect(session.state.said.text).toBe("Still tidying up");
    session.edit(edits.remove(new Set(["n399"]), new Set()));
    await tidied;
    expect(session.state.undoLabel).toBe("tidy up");
    expect(session.state.notice).toBeNull();
    expect(new Set(Object.values(session.document.layout).map(([x]) => x)).size).toBe(399);
    session.undo();
    expect(session.document.layout).toMatchObject({ n1: [0, 0] });
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
    historyKey(session, key("z", { ctrlKey: true }));
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

  it("connects from the step that has the keyboard, selected or not", () => {
    chain();
    session.select({ nodes: new Set(), edges: new Set(), focus: { kind: "node", id: "upper" } });
    beginConnect(session);
    expect(session.state.connecting?.from).toBe("upper");
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

  it.each(["__proto__", "constructor"])("refuses %s as a key, and says so", (key) => {
    chain();
    const before = session.document;
    expect(session.edit(edits.rename("set", key))).toBe(false);
    expect(session.edit(edits.setNodePath("set", ["set", key], "1"))).toBe(false);
    expect(session.document).toBe(before);
    expect(session.state.notice?.text).toContain(`"${key}" cannot be used`);
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

  /** The page again, with what this browser holds of it. */
  async function reload(more: Opened = {}, sure = true): Promise<Session> {
    const [left] = await journalOf(more.tab ?? "tab").find();
    return open({ ...more, found: left ? { left, sure } : null });
  }

  it("restores every edit that was not saved, each to be undone, and can give them up", async () => {
    chain();
    const again = await reload();
    expect(again.state.found?.changes).toBe(3);
    expect(Object.keys(again.document.nodes)).toEqual(["upper", "set", "end"]);
    expect(again.saver.pending).toBe(true);
    again.undo();
    expect(Object.keys(again.document.nodes)).toEqual(["upper", "set"]);
    expect(again.state.undoLabel).toBe("add set");
    again.discardFound();
    expect(Object.keys(again.document.nodes)).toEqual([]);
    again.undo();
    expect(Object.keys(again.document.nodes)).toEqual(["upper", "set"]);
  });

  it("counts and undoes what was typed in one go as one change", async () => {
    chain();
    for (const title of ["O", "On", "One"]) {
      session.edit(edits.setNode("set", "title", title), null, "title set");
    }
    const again = await reload();
    expect(again.state.found?.changes).toBe(4);
    expect(again.document.nodes.set?.title).toBe("One");
    again.undo();
    expect(again.document.nodes.set).not.toHaveProperty("title");
  });

  it("joins what it restores with what others saved meanwhile", async () => {
    chain();
    const theirs = addNode(blankDocument("k", "K"), "other", { type: "end" }, [0, 400]);
    const again = await reload({ draft: theirs, rev: 2 });
    expect(Object.keys(again.document.nodes).sort()).toEqual(["end", "other", "set", "upper"]);
    expect([again.saver.rev, again.saver.pending]).toEqual([2, true]);
    again.undo();
    expect(Object.keys(again.document.nodes).sort()).toEqual(["other", "set", "upper"]);
  });

  it("asks when what it restores stands against what others saved", async () => {
    const draft = addNode(blankDocument("k", "K"), "a", { type: "noop" }, [0, 0]);
    const first = open({ draft });
    first.edit(edits.setNode("a", "title", "mine"));
    const theirs = setNodeField(draft, "a", "title", "theirs");
    const again = await reload({ draft: theirs, rev: 2 });
    expect(again.saver.state.kind).toBe("conflict");
    expect(again.document.nodes.a?.title).toBe("mine");
  });

  it("restores nothing that had arrived at the server after all", async () => {
    chain();
    const arrived = JSON.parse(JSON.stringify(session.document));
    const again = await reload({ draft: arrived, rev: 2 });
    expect([again.state.found, again.saver.pending]).toEqual([null, false]);
    expect(shelf.items.size).toBe(0);
  });

  it("restores what was done after the edit that had arrived", async () => {
    chain();
    const arrived = JSON.parse(JSON.stringify(session.document));
    session.edit(edits.setNode("set", "title", "later"));
    const later = await reload({ draft: arrived, rev: 2 });
    expect(later.state.found?.changes).toBe(1);
    expect(later.document.nodes.set?.title).toBe("later");
    expect(Object.keys(later.document.nodes)).toHaveLength(3);
  });

  describe("on a page that the browser kept, with an older draft than the edits were made on", () => {
    const untitled = addNode(blankDocument("k", "K"), "a", { type: "noop" }, [0, 0]);
    const titled = setNodeField(untitled, "a", "title", "saved");

    it("restores them on what they were made on", async () => {
      open({ draft: titled, rev: 2 }).edit(edits.setNode("a", "title", "later"));
      const again = await reload({ draft: untitled, rev: 1 });
      expect(again.document.nodes.a?.title).toBe("later");
      expect([again.saver.state.kind, again.saver.rev]).toEqual(["unsaved", 2]);
      again.discardFound();
      expect(again.document.nodes.a?.title).toBe("saved");
    });

    it("does not take them for saved because they lead back to that draft", async () => {
      open({ draft: titled, rev: 2 }).edit(edits.setNode("a", "title", undefined));
      const again = await reload({ draft: untitled, rev: 1 });
      expect(again.document.nodes.a).not.toHaveProperty("title");
      expect([again.saver.pending, again.saver.rev]).toEqual([true, 2]);
    });

    it("leaves alone what was saved and not edited", async () => {
      open({ draft: titled, rev: 2 }).edit(edits.setNode("a", "note", "mine"));
      const again = await reload({ draft: untitled, rev: 1 });
      expect(again.document.nodes.a).toMatchObject({ title: "saved", note: "mine" });
    });
  });

  it("only offers what another open tab may still be working on", async () => {
    chain();
    const again = await reload({ tab: "second" }, false);
    expect(again.state.found).toMatchObject({ tab: "tab", changes: 3, restored: null });
    expect(Object.keys(again.document.nodes)).toEqual([]);
    again.discardFound();
    expect(shelf.items.size).toBe(0);
  });

  it("lets nobody edit any more whom the server forbids it", async () => {
    chain();
    session.store.set({ save: { kind: "forbidden", message: "not yours" } });
    expect(session.edit(edits.setNode("set", "title", "x"))).toBe(false);
  });

  it("adds behind the step that has the keyboard, also where several are selected", () => {
    chain();
    const [first, second] = Object.keys(session.document.nodes);
    session.select(selectNodes([first ?? "", second ?? ""], second));
    canvasKey(session, key("n"));
    expect(session.state.choosing?.after?.node).toBe(second);
  });

  it("changes nothing for someone who may only look", () => {
    const looking = open({ draft: session.document, canEdit: false });
    addFromPalette(looking, "type:end");
    openChooser(looking);
    canvasKey(looking, key("n"));
    expect(Object.keys(looking.document.nodes)).toEqual([]);
    expect(looking.state.choosing).toBeNull();
  });

  it("hears of every key that would change something, and of none that only looks", () => {
    chain();
    const [first = ""] = Object.keys(session.document.nodes);
    const looking = open({ draft: session.document, canEdit: false });
    looking.select(selectNode(first));
    const tries = (press: () => unknown) => {
      const before = looking.state.refused;
      press();
      return looking.state.refused > before;
    };
    const plain = ["n", "c", "d", "p", "F2", "Delete", "Backspace"].map((name) => key(name));
    const command = ["d", "g", "Delete"].map((name) => key(name, { ctrlKey: true }));
    const shifted = [key("s", { shiftKey: true }), key("ArrowLeft", { shiftKey: true })];
    const both = [key("x", { altKey: true }), key("t", { altKey: true, shiftKey: true })];
    for (const each of [...plain, ...command, ...shifted, ...both]) {
      expect(
        tries(() => canvasKey(looking, each)),
        each.key,
      ).toBe(true);
    }
    for (const name of ["z", "y"]) {
      const back = key(name, { ctrlKey: true });
      expect(
        tries(() => historyKey(looking, back)),
        name,
      ).toBe(true);
    }
    const clip = clipText(looking) ?? "";
    expect(tries(() => pasteText(looking, clip))).toBe(true);

    for (const name of ["ArrowRight", "e", "i", "o", "/", "?", "v", "1", "Escape"]) {
      expect(
        tries(() => canvasKey(looking, key(name))),
        name,
      ).toBe(false);
    }
    expect(looking.document).toBe(looking.state.document);
    expect(JSON.stringify(looking.document)).toBe(JSON.stringify(session.document));
  });

  it("opens and closes groups for someone who may only look, and saves nothing of it", () => {
    chain();
    const [first = "", second = ""] = Object.keys(session.document.nodes);
    session.edit(edits.group("g", new Set([first, second])));
    session.edit(edits.collapse("g", true));
    const looking = open({ draft: session.document, canEdit: false });
    const closed = () => groupsOf(looking.document).get("g")?.collapsed === true;
    expect(closed()).toBe(true);
    toggleGroup(looking, "g");
    expect(closed()).toBe(false);
    expect(looking.state.document).toBe(looking.document);
    toggleGroup(looking, "g");
    expect(closed()).toBe(true);
    expect([looking.state.refused, looking.saver.pending]).toEqual([0, false]);
  });

  it("shows problems at once", () => {
    chain();
    session.select(selectNode("upper"));
    addFromPalette(session, "tool:gone.tool");
    expect(session.state.problems.map(({ code }) => code)).toEqual(["unknown_tool"]);
  });
});
