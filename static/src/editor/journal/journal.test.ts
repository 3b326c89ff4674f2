import { beforeEach, describe, expect, it } from "vitest";
import { blankDocument, type GraphDocument, serialise } from "../../model/document";
import { addNode, setNodeField } from "../../model/nodes";
import { Journal } from "./journal";
import { MemoryShelf } from "./memoryShelf";
import { claimTab } from "./tabs";
import { openWebShelf } from "./webShelf";

const base = addNode(blankDocument("k", "K"), "a", { type: "noop" }, [0, 0]);
const titled = (document: GraphDocument, title: string) =>
  setNodeField(document, "a", "title", title);
const ground = { rev: 7, base };
const edit = (label: string, count = 1) => ({ label, count });

class Store {
  readonly items = new Map<string, string>();
  get length() {
    return this.items.size;
  }
  key = (index: number) => [...this.items.keys()][index] ?? null;
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
  removeItem = (key: string) => void this.items.delete(key);
}

/** Both kinds of shelf keep a journal alike. */
describe.each([
  ["memory", () => new MemoryShelf()],
  ["localStorage", () => openWebShelf(new Store())],
] as const)("journal on %s", (_, open) => {
  let shelf: ReturnType<typeof open>;
  let now = 0;
  const journal = (tab = "t1", owner = "ana/w") => new Journal(shelf, owner, tab, () => now);

  beforeEach(() => {
    shelf = open();
    now = 100;
  });

  it("gives back each edit by its name, in order", async () => {
    const one = journal();
    const [x, y] = [titled(base, "x"), addNode(base, "b", { type: "end" }, [240, 0])];
    one.append(ground, base, x, edit("change title"), 0);
    now = 200;
    one.append(ground, x, y, edit("add b"), 1);
    await one.settled();

    const [left] = await journal().find();

    expect(left).toMatchObject({ tab: "t1", rev: 7, base, at: 200 });
    expect(left?.steps.map(({ label, count }) => [label, count])).toEqual([
      ["change title", 1],
      ["add b", 1],
    ]);
    expect(serialise(left?.steps[1]?.document ?? base)).toBe(serialise(y));
  });

  it("is empty once the server has everything", async () => {
    const one = journal();
    one.append(ground, base, titled(base, "x"), edit("change title"), 0);
    one.clear();
    await one.settled();
    expect(await one.find()).toEqual([]);
    expect(await shelf.list("")).toEqual([]);
  });

  it("begins again on the ground that was saved, or joined", async () => {
    const one = journal();
    one.append(ground, base, titled(base, "x"), edit("change title"), 0);
    one.restart({ rev: 8, base: titled(base, "x") }, titled(base, "xy"), edit("join", 3));
    one.append(
      { rev: 8, base: titled(base, "x") },
      titled(base, "xy"),
      titled(base, "z"),
      edit("z"),
      3,
    );
    await one.settled();
    const [left] = await one.find();
    expect([left?.rev, left?.base.nodes.a?.title]).toEqual([8, "x"]);
    expect(left?.steps.map(({ count }) => count)).toEqual([3, 1]);
    expect(left?.steps.at(-1)?.document.nodes.a?.title).toBe("z");
  });

  it("keeps tabs, workflows and people apart", async () => {
    journal("t1").append(ground, base, titled(base, "one"), edit("e"), 0);
    now = 300;
    journal("t2").append(ground, base, titled(base, "two"), edit("e"), 0);
    journal("t1", "ana/w2").append(ground, base, titled(base, "other"), edit("e"), 0);
    journal("t1", "ben/w").append(ground, base, titled(base, "ben"), edit("e"), 0);
    const left = await journal().find();
    expect(left.map(({ tab }) => tab)).toEqual(["t2", "t1"]);
    journal().drop("t2");
    expect((await journal().find()).map(({ tab }) => tab)).toEqual(["t1"]);
  });

  it("gives up only what no server takes", async () => {
    const odd = setNodeField(titled(base, "x"), "a", "constructor", 1);
    const one = journal();
    one.append(ground, base, titled(base, "x"), edit("x"), 0);
    one.append(ground, titled(base, "x"), odd, edit("odd"), 1);
    const [left] = await journal().find();
    expect(left?.steps.map(({ label }) => label)).toEqual(["x"]);
  });

  it("stops before what is damaged, and forgets what is no draft", async () => {
    journal().append(ground, base, titled(base, "x"), edit("x"), 0);
    await shelf.write({ keep: [["ana/w/t1/000000002", { label: 1 }]] });
    expect((await journal().find())[0]?.steps).toHaveLength(1);
    await shelf.write({ keep: [["ana/w/t1/head", { rev: 1, base: { format: "x" } }]] });
    expect(await journal().find()).toEqual([]);
    expect(await shelf.list("")).toEqual([]);
  });
});

describe("journal on its way to the disk", () => {
  it("says that it is behind until the last edit is written down", async () => {
    const one = new Journal(new MemoryShelf(), "ana/w", "t1");
    const said: boolean[] = [];
    one.onTurn = () => void said.push(one.behind);
    expect(one.behind).toBe(false);
    one.append(ground, base, titled(base, "x"), edit("x"), 0);
    one.append(ground, titled(base, "x"), titled(base, "xy"), edit("y"), 1);
    expect(one.behind).toBe(true);
    await one.settled();
    await Promise.resolve();
    expect([one.behind, said]).toEqual([false, [true, false]]);
  });
});

describe("journal without room", () => {
  it("says so, and writes all of it as soon as there is room again", async () => {
    const shelf = new MemoryShelf();
    const one = new Journal(shelf, "ana/w", "t1");
    const said: boolean[] = [];
    one.onTurn = () => {
      if (said.at(-1) !== one.works) said.push(one.works);
    };
    shelf.full = true;
    one.append(ground, base, titled(base, "x"), edit("x"), 0);
    await one.settled();
    expect(one.works).toBe(false);

    shelf.full = false;
    one.append(ground, titled(base, "x"), titled(base, "xy"), edit("y"), 1);
    await one.settled();

    expect(said).toEqual([true, false, true]);
    const [left] = await one.find();
    expect(left?.steps.map(({ count }) => count)).toEqual([1, 1]);
    expect(left?.steps.at(-1)?.document.nodes.a?.title).toBe("xy");
  });
});

/** Locks as the browser gives them, of one page after the other. */
class Locks {
  readonly names = new Set<string>();
  async request(name: string, _: unknown, run: (lock: object | null) => unknown) {
    const free = !this.names.has(name);
    if (free) this.names.add(name);
    run(free ? {} : null);
  }
  async query() {
    return { held: [...this.names].map((name) => ({ name })) };
  }
}

describe("names of tabs", () => {
  it("survive a reload, and differ for a duplicated tab", async () => {
    const [memory, copied, locks] = [new Store(), new Store(), new Locks()];
    const manager = locks as unknown as LockManager;
    const first = await claimTab(memory, manager);
    copied.setItem("treadle:tab", first.name);

    const second = await claimTab(copied, manager);

    expect(second.name).not.toBe(first.name);
    expect(second.isOpen(first.name)).toBe(true);
    expect(second.isOpen("closed")).toBe(false);
    locks.names.clear();
    expect((await claimTab(memory, manager)).name).toBe(first.name);
  });

  it("are only remembered where the browser has no locks", async () => {
    const memory = new Store();
    const first = await claimTab(memory, undefined);
    expect((await claimTab(memory, undefined)).name).toBe(first.name);
    expect(first.isOpen("other")).toBeNull();
  });
});
