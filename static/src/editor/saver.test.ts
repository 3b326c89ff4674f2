import { beforeEach, describe, expect, it } from "vitest";
import { blankDocument, type GraphDocument } from "../model/document";
import { addNode, setNodeField } from "../model/nodes";
import type { Head, PutResult } from "./api";
import { LocalCopies } from "./localCopy";
import { SAVE_AFTER, Saver, type SaveState, saveWords } from "./saver";

/** A server, a clock and a shelf that tests turn by hand. */
class World {
  now = 0;
  readonly timers: { at: number; run: () => void }[] = [];
  readonly puts: { rev: number; document: GraphDocument }[] = [];
  readonly states: SaveState["kind"][] = [];
  readonly shelf = new Map<string, string>();
  answers: PutResult[] = [];
  replaced: string | null = null;
  readonly copies = new LocalCopies(
    {
      getItem: (key) => this.shelf.get(key) ?? null,
      setItem: (key, value) => void this.shelf.set(key, value),
      removeItem: (key) => void this.shelf.delete(key),
      key: (index) => [...this.shelf.keys()][index] ?? null,
      get length() {
        return 0;
      },
    },
    "w1",
    "tab",
  );
  document: GraphDocument;
  readonly saver: Saver;

  constructor(document: GraphDocument) {
    this.document = document;
    this.saver = new Saver(
      {
        put: async (rev, sent) => {
          this.puts.push({ rev, document: sent });
          return this.answers.shift() ?? saved(rev + 1);
        },
        later: (ms, run) => {
          const timer = { at: this.now + ms, run };
          this.timers.push(timer);
          return () => {
            const index = this.timers.indexOf(timer);
            if (index >= 0) this.timers.splice(index, 1);
          };
        },
        copies: this.copies,
      },
      {
        onState: (state) => void this.states.push(state.kind),
        onSaved: () => undefined,
        onReplace: (next, label) => {
          this.document = next;
          this.replaced = label;
        },
      },
      { rev: 1, document, savedAt: null, canEdit: true },
    );
  }

  edit(next: GraphDocument): void {
    this.document = next;
    this.saver.changed(next);
  }

  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers.splice(this.timers.indexOf(due), 1);
      this.now = due.at;
      due.run();
      for (let i = 0; i < 10; i += 1) await Promise.resolve();
    }
    this.now = end;
  }
}

const saved = (rev: number): PutResult => ({
  kind: "saved",
  saved: { rev, saved_at: "2026-01-01T12:04:00Z", saved_by: "you", problems: [] },
});
const conflict = (rev: number, document: GraphDocument): PutResult => ({
  kind: "conflict",
  head: { rev, document, saved_by: "ana", saved_at: null } satisfies Head,
});

const start = addNode(blankDocument("k", "K"), "a", { type: "noop" }, [0, 0]);
const titled = (document: GraphDocument, title: string) =>
  setNodeField(document, "a", "title", title);

describe("saver", () => {
  let world: World;
  beforeEach(() => {
    world = new World(start);
  });

  it("saves once, a second after the last edit, with the revision it began from", async () => {
    world.edit(titled(start, "x"));
    await world.pass(SAVE_AFTER - 1);
    world.edit(titled(start, "xy"));
    await world.pass(SAVE_AFTER - 1);
    expect(world.puts).toHaveLength(0);
    await world.pass(1);
    expect(world.puts.map(({ rev, document }) => [rev, document.nodes.a?.title])).toEqual([
      [1, "xy"],
    ]);
    expect(world.states.at(-1)).toBe("saved");
    expect(world.saver.rev).toBe(2);
  });

  it("sends what was edited during a save with the next one", async () => {
    world.edit(titled(start, "x"));
    const first = world.saver.flush();
    world.edit(titled(start, "xy"));
    await first;
    await world.pass(SAVE_AFTER);
    expect(world.puts.map(({ rev }) => rev)).toEqual([1, 2]);
    expect(world.saver.pending).toBe(false);
  });

  it("keeps a local copy before the network, and drops it once saved", async () => {
    world.answers = [{ kind: "offline" }];
    world.edit(titled(start, "x"));
    await world.pass(200);
    expect(world.puts).toHaveLength(0);
    expect(world.shelf.size).toBe(1);
    await world.pass(SAVE_AFTER);
    expect(world.states.at(-1)).toBe("offline");
    expect(world.shelf.size).toBe(1);
    await world.pass(10_000);
    expect(world.states.at(-1)).toBe("saved");
    expect(world.shelf.size).toBe(0);
  });

  it("tries again more and more slowly while offline, and at once when asked", async () => {
    world.answers = [{ kind: "offline" }, { kind: "offline" }, { kind: "offline" }];
    world.edit(titled(start, "x"));
    await world.pass(SAVE_AFTER);
    await world.pass(2000);
    await world.pass(3999);
    expect(world.puts).toHaveLength(2);
    world.saver.retryNow();
    await world.pass(0);
    expect(world.puts).toHaveLength(3);
  });

  it("joins edits of different things without asking", async () => {
    const theirs = addNode(start, "b", { type: "end" }, [240, 0]);
    world.answers = [conflict(5, theirs)];
    world.edit(titled(start, "mine"));
    await world.pass(SAVE_AFTER);
    await world.pass(SAVE_AFTER);
    expect(world.replaced).toBe("join with ana's changes");
    expect(world.puts.at(-1)?.rev).toBe(5);
    expect(Object.keys(world.document.nodes)).toEqual(["a", "b"]);
    expect(world.document.nodes.a?.title).toBe("mine");
    expect(world.states.at(-1)).toBe("saved");
  });

  it("asks when both changed the same thing, and saves nothing until told", async () => {
    world.answers = [conflict(5, titled(start, "theirs"))];
    world.edit(titled(start, "mine"));
    await world.pass(SAVE_AFTER);
    expect(world.saver.state).toMatchObject({ kind: "conflict", what: ["node a"] });
    world.edit(titled(start, "mine too"));
    await world.pass(60_000);
    expect(world.puts).toHaveLength(1);

    world.saver.resolve("mine");
    await world.pass(0);
    expect(world.puts.at(-1)).toMatchObject({ rev: 5 });
    expect(world.document.nodes.a?.title).toBe("mine too");
    expect(world.saver.pending).toBe(false);
  });

  it("takes over the other version when told, without saving it again", async () => {
    world.answers = [conflict(5, titled(start, "theirs"))];
    world.edit(titled(start, "mine"));
    await world.pass(SAVE_AFTER);
    world.saver.resolve("theirs");
    await world.pass(60_000);
    expect(world.document.nodes.a?.title).toBe("theirs");
    expect(world.puts).toHaveLength(1);
    expect([world.states.at(-1), world.saver.rev]).toEqual(["saved", 5]);
  });

  it("sees no conflict when the other tab saved the same text", async () => {
    world.answers = [conflict(5, JSON.parse(JSON.stringify(titled(start, "x"))))];
    world.edit(titled(start, "x"));
    await world.pass(SAVE_AFTER);
    expect([world.states.at(-1), world.saver.rev]).toEqual(["saved", 5]);
  });

  it("says what the server refuses and stops", async () => {
    world.answers = [{ kind: "refused", message: "You are signed out." }];
    world.edit(titled(start, "x"));
    await world.pass(60_000);
    expect(world.saver.state).toEqual({ kind: "refused", message: "You are signed out." });
    expect(world.puts).toHaveLength(1);
    expect(world.shelf.size).toBe(1);
  });

  it("flush tells whether the server has it all", async () => {
    world.edit(titled(start, "x"));
    expect(await world.saver.flush()).toBe(true);
    world.answers = [{ kind: "offline" }];
    world.edit(titled(start, "xy"));
    expect(await world.saver.flush()).toBe(false);
  });

  it("undoing back to the saved document needs no save", async () => {
    world.edit(titled(start, "x"));
    world.edit(start);
    await world.pass(60_000);
    expect(world.puts).toHaveLength(0);
    expect(world.states.at(-1)).toBe("saved");
  });

  it("never writes for someone who may only look", async () => {
    const looking = new Saver(
      {
        put: async () => saved(2),
        later: (_, run) => {
          run();
          return () => undefined;
        },
        copies: world.copies,
      },
      { onState: () => undefined, onSaved: () => undefined, onReplace: () => undefined },
      { rev: 1, document: start, savedAt: null, canEdit: false },
    );
    looking.changed(titled(start, "x"));
    expect(await looking.flush()).toBe(true);
    expect(world.shelf.size).toBe(0);
    expect(looking.state.kind).toBe("readonly");
  });

  it("says its state in words", () => {
    expect(saveWords({ kind: "saved", at: "t" }, () => "12:04")).toBe("Saved 12:04");
    expect(saveWords({ kind: "offline", tries: 1 }, String)).toBe("Not saved: offline, retrying");
  });
});
