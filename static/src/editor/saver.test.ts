import { beforeEach, describe, expect, it } from "vitest";
import { blankDocument, type GraphDocument } from "../model/document";
import { placeOf } from "../model/merge";
import { addNode, setNodeField } from "../model/nodes";
import type { Head, PutResult } from "./api";
import { Journal } from "./journal/journal";
import { MemoryShelf } from "./journal/memoryShelf";
import { type PutOptions, SAVE_AFTER, Saver } from "./saver";
import { saveWords } from "./saveWords";

interface Put {
  readonly rev: number;
  readonly document: GraphDocument;
  readonly how: PutOptions;
}

/** A page with a clock of its own and a server that answers what it is told. */
class World {
  readonly shelf = new MemoryShelf();
  readonly journal = new Journal(this.shelf, "me/w", "tab", () => this.now);
  readonly timers: { at: number; run: () => void }[] = [];
  readonly states: string[] = [];
  readonly puts: Put[] = [];
  answers: (PutResult | Promise<PutResult>)[] = [];
  now = 0;
  document: GraphDocument;
  replacedBy: string | null = null;
  readonly saver: Saver;

  constructor(document: GraphDocument, canEdit = true) {
    this.document = document;
    this.saver = new Saver(
      {
        put: async (rev, sent, how) => {
          this.puts.push({ rev, document: sent, how });
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
        journal: this.journal,
      },
      {
        onState: (state) => void this.states.push(state.kind),
        onSaved: () => undefined,
        onReplace: (next, head) => {
          this.document = next;
          this.replacedBy = head.saved_by;
        },
      },
      { rev: 1, base: document, savedAt: null, canEdit },
    );
  }

  edit(next: GraphDocument): void {
    this.document = next;
    this.saver.changed(next, "edit");
  }

  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    await this.rest();
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers.splice(this.timers.indexOf(due), 1);
      this.now = due.at;
      due.run();
      await this.rest();
    }
    this.now = end;
  }

  /** Let everything happen that waits for nothing. */
  async rest(): Promise<void> {
    for (let i = 0; i < 30; i += 1) await Promise.resolve();
  }
}

const saved = (rev: number): PutResult => ({
  kind: "saved",
  saved: { rev, saved_at: "2026-01-01T12:04:00Z", saved_by: "you", problems: [] },
});
const headOf = (rev: number, document: GraphDocument): Head => ({
  rev,
  document: JSON.parse(JSON.stringify(document)),
  saved_by: "ana",
  saved_at: null,
});
const conflict = (rev: number, document: GraphDocument): PutResult => ({
  kind: "conflict",
  head: headOf(rev, document),
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

  it("writes each edit down before the network, and drops it once saved", async () => {
    world.answers = [{ kind: "offline" }];
    world.edit(titled(start, "x"));
    await world.rest();
    expect(world.puts).toHaveLength(0);
    expect((await world.journal.find())[0]?.steps).toHaveLength(1);
    await world.pass(SAVE_AFTER);
    expect(world.states.at(-1)).toBe("offline");
    expect(world.shelf.items.size).toBe(2);
    await world.pass(10_000);
    expect(world.states.at(-1)).toBe("saved");
    expect(world.shelf.items.size).toBe(0);
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
    expect(world.replacedBy).toBe("ana");
    expect(world.puts.at(-1)?.rev).toBe(5);
    expect(Object.keys(world.document.nodes)).toEqual(["a", "b"]);
    expect(world.document.nodes.a?.title).toBe("mine");
    expect(world.states.at(-1)).toBe("saved");
  });

  it("asks when both changed the same field, and saves nothing until told", async () => {
    world.answers = [conflict(5, titled(start, "theirs"))];
    world.edit(titled(start, "mine"));
    await world.pass(SAVE_AFTER);
    expect(world.saver.state).toMatchObject({
      kind: "conflict",
      conflicts: [{ path: ["nodes", "a", "title"], mine: "mine", theirs: "theirs" }],
    });
    world.edit(titled(start, "mine too"));
    await world.pass(60_000);
    expect(world.puts).toHaveLength(1);
    expect((await world.journal.find())[0]?.steps).toHaveLength(2);

    world.saver.resolve(new Map());
    await world.pass(0);
    expect(world.puts.at(-1)).toMatchObject({ rev: 5 });
    expect(world.document.nodes.a?.title).toBe("mine too");
    expect(world.saver.pending).toBe(false);
  });

  it("takes over the other side's field when told, without saving it again", async () => {
    world.answers = [conflict(5, titled(start, "theirs"))];
    world.edit(titled(start, "mine"));
    await world.pass(SAVE_AFTER);
    const { state } = world.saver;
    const places = state.kind === "conflict" ? state.conflicts.map(placeOf) : [];
    world.saver.resolve(new Map(places.map((place) => [place, "theirs"])));
    await world.pass(60_000);
    expect(world.document.nodes.a?.title).toBe("theirs");
    expect(world.puts).toHaveLength(1);
    expect([world.states.at(-1), world.saver.rev]).toEqual(["saved", 5]);
  });

  it("joins by itself once the edit that stood against another is undone", async () => {
    world.answers = [conflict(5, titled(start, "theirs"))];
    world.edit(titled(start, "mine"));
    await world.pass(SAVE_AFTER);
    world.edit(start);
    await world.pass(60_000);
    expect(world.document.nodes.a?.title).toBe("theirs");
    expect(world.states.at(-1)).toBe("saved");
  });

  it("shows at once what others saved, and joins what is not saved yet", async () => {
    const theirs = addNode(start, "b", { type: "end" }, [240, 0]);
    world.saver.heard(headOf(2, theirs));
    expect(Object.keys(world.document.nodes)).toEqual(["a", "b"]);
    expect([world.saver.rev, world.saver.pending]).toEqual([2, false]);

    world.edit(titled(world.document, "mine"));
    world.saver.heard(headOf(3, addNode(theirs, "c", { type: "end" }, [480, 0])));
    await world.pass(0);
    expect(world.puts.map(({ rev, document }) => [rev, Object.keys(document.nodes)])).toEqual([
      [3, ["a", "b", "c"]],
    ]);
    expect(world.puts[0]?.document.nodes.a?.title).toBe("mine");
  });

  it("hears of its own save as of none, and of a later one after its answer", async () => {
    let answer: (result: PutResult) => void = () => undefined;
    world.answers = [
      new Promise((resolve) => {
        answer = resolve;
      }),
    ];
    world.edit(titled(start, "x"));
    await world.pass(SAVE_AFTER);
    world.saver.heard(headOf(2, titled(start, "x")));
    answer(saved(2));
    await world.rest();
    expect([world.replacedBy, world.states.at(-1)]).toEqual([null, "saved"]);
  });

  it("knows what it sent, although the answer was lost", async () => {
    world.answers = [{ kind: "offline" }];
    world.edit(addNode(start, "b", { type: "end" }, [240, 0]));
    await world.pass(SAVE_AFTER);
    const arrived = JSON.parse(JSON.stringify(world.document)) as GraphDocument;
    world.edit(setNodeField(world.document, "b", "title", "more"));
    world.answers = [conflict(2, arrived)];
    await world.pass(60_000);
    expect(world.puts.map(({ rev }) => rev)).toEqual([1, 1, 2]);
    expect(Object.keys(world.document.nodes)).toEqual(["a", "b"]);
    expect(world.document.nodes.b?.title).toBe("more");
  });

  it("asks before nearly all steps go, and says that it is meant only then", async () => {
    world.answers = [{ kind: "shrinks", message: "9 of 10" }];
    world.edit({ ...start, nodes: {}, entry: [] });
    await world.pass(60_000);
    expect([world.puts.length, world.puts[0]?.how.shrink]).toEqual([1, false]);
    expect(world.saver.state.kind).toBe("shrinks");
    world.saver.confirmShrink();
    await world.pass(0);
    expect(world.puts.at(-1)?.how.shrink).toBe(true);
    world.edit(start);
    await world.pass(60_000);
    expect(world.puts.at(-1)?.how.shrink).toBe(false);
  });

  it("does not ask where it was said before, and asks again the next time", async () => {
    world.edit({ ...start, nodes: {}, entry: [] });
    world.saver.confirmShrink();
    await world.pass(60_000);
    world.edit(start);
    await world.pass(60_000);
    expect(world.puts.map(({ how }) => how.shrink)).toEqual([true, false]);
  });

  it("sends nothing more to a server that forbids it, and keeps the work", async () => {
    world.answers = [{ kind: "forbidden", message: "not yours" }];
    world.edit(titled(start, "x"));
    await world.pass(SAVE_AFTER);
    world.edit(titled(start, "xy"));
    world.saver.leave();
    await world.pass(60_000);
    expect(world.puts).toHaveLength(1);
    expect((await world.journal.find())[0]?.steps).toHaveLength(2);
  });

  it("sends what is left when the page goes, and waits for nothing", async () => {
    world.edit(titled(start, "x"));
    world.saver.leave();
    expect(world.puts.map(({ how }) => how.leaving)).toEqual([true]);
  });

  it("sends it also when a save is under way, which ends with the page", async () => {
    world.answers = [new Promise(() => undefined)];
    world.edit(titled(start, "x"));
    await world.pass(SAVE_AFTER);
    world.edit(titled(start, "xy"));
    world.saver.leave();
    expect(world.puts.map(({ rev, how }) => [rev, how.leaving ?? false])).toEqual([
      [1, false],
      [1, true],
    ]);
    expect(world.puts.at(-1)?.document.nodes.a?.title).toBe("xy");
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
    expect(world.shelf.items.size).toBe(2);
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

  it("never writes for someone who may only look, and shows what others do", async () => {
    const looking = new World(start, false);
    looking.edit(titled(start, "x"));
    looking.saver.heard(headOf(2, titled(start, "theirs")));
    expect(await looking.saver.flush()).toBe(true);
    await looking.pass(60_000);
    expect(looking.shelf.items.size).toBe(0);
    expect(looking.puts).toEqual([]);
    expect(looking.document.nodes.a?.title).toBe("theirs");
    expect(looking.saver.state.kind).toBe("readonly");
  });

  it("says its state in words", () => {
    expect(saveWords({ kind: "saved", at: "t" }, true, () => "12:04")).toBe("Saved 12:04");
    expect(saveWords({ kind: "offline", tries: 1 }, true, String)).toBe(
      "Kept on this computer, not on the server: retrying",
    );
    expect(saveWords({ kind: "offline", tries: 1 }, false, String)).toBe(
      "Not saved anywhere: retrying",
    );
  });
});
