import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choices, commandOf, documents } from "./arbitrary";
import { apply } from "./changes";
import { copy, paste } from "./clipboard";
import { blankDocument, type GraphDocument, type Point } from "./document";
import * as edits from "./edits";
import { type Rect, sceneOf } from "./geometry";
import {
  changeGroup,
  dissolve,
  frameOf,
  groupNodes,
  groupOf,
  groupsOf,
  moveNodes,
  wholeGroups,
} from "./groups";
import { layout } from "./layout";
import { merge } from "./merge";
import { placeNodes } from "./nodes";
import { pathOf } from "./paths";
import { prune, selectGroup } from "./selection";
import { endsOf, groupOfMark, markOf, nodesBehind, shownOf, standFor, unfold } from "./shown";

const chain = (): GraphDocument => ({
  ...blankDocument("k", "K"),
  entry: ["a"],
  nodes: { a: { type: "noop" }, b: { type: "noop" }, c: { type: "noop" }, d: { type: "end" } },
  edges: [
    { id: "ab", from: "a", to: "b" },
    { id: "bc", from: "b", to: "c" },
    { id: "cd", from: "c", to: "d" },
    { id: "bd", from: "b", to: "d", on: "error" },
  ],
  layout: { a: [0, 0], b: [288, 0], c: [576, 0], d: [864, 0] },
});
const grouped = () => groupNodes(chain(), "g", ["b", "c"], "Middle");
const collapsed = () => changeGroup(grouped(), "g", { collapsed: true });
const done = (document: GraphDocument, edit: ReturnType<typeof edits.move>) => {
  const command = edit(document);
  if (!command) throw new Error("the edit changed nothing");
  return apply(document, command);
};

describe("groups", () => {
  it("hold each node once, and only nodes that are there, whatever was edited", () => {
    fc.assert(
      fc.property(documents(), fc.array(choices, { maxLength: 40 }), (start, list) => {
        let document = start;
        for (const choice of list) {
          const command = commandOf(document, choice);
          if (command) document = apply(document, command);
          const all = [...groupsOf(document).values()].flatMap((group) => group.nodes);
          expect(new Set(all).size).toBe(all.length);
          expect(all.every((id) => Object.hasOwn(document.nodes, id))).toBe(true);
          const raw = (document.meta as { groups?: object } | undefined)?.groups ?? {};
          expect(Object.keys(raw)).toEqual([...groupsOf(document).keys()]);
        }
      }),
    );
  });

  it("follow a node to its new name, lose it with the node, and go when they are empty", () => {
    const renamed = done(grouped(), edits.rename("b", "middle"));
    expect(groupsOf(renamed).get("g")?.nodes).toEqual(["middle", "c"]);
    expect(edits.rename("b", "c")(grouped())).toBeNull();
    const fewer = done(grouped(), edits.remove(new Set(["b"]), new Set()));
    expect(groupsOf(fewer).get("g")?.nodes).toEqual(["c"]);
    const none = done(fewer, edits.remove(new Set(["c"]), new Set()));
    expect(none.meta).toBeUndefined();
  });

  it("give their nodes to a new group, and come apart", () => {
    const other = done(grouped(), edits.group("h", new Set(["c", "d"])));
    expect([...groupsOf(other)].map(([id, { nodes }]) => [id, nodes])).toEqual([
      ["g", ["b"]],
      ["h", ["c", "d"]],
    ]);
    expect(done(grouped(), edits.ungroup(["g"])).meta).toBeUndefined();
    expect(groupOf(done(grouped(), edits.ungroup([], new Set(["b"]))), "b")).toBeNull();
    expect(dissolve(chain(), "g")).toEqual(chain());
  });

  it("read what is odd in a document as far as it can be read", () => {
    const meta = {
      groups: {
        g: { title: 7, nodes: ["b", "b", "zz", 3, "c"], collapsed: "yes" },
        h: { nodes: ["c"] },
        i: { nodes: "d" },
        j: null,
      },
    };
    expect([...groupsOf({ ...chain(), meta })]).toEqual([
      ["g", { title: "", nodes: ["b", "c"], collapsed: false }],
    ]);
    expect(groupsOf({ ...chain(), meta: { groups: [] } }).size).toBe(0);
  });

  it("are copied when all of their nodes are, and pasted beside their originals", () => {
    const clip = copy(collapsed(), new Set(["b", "c", "d"])) as NonNullable<
      ReturnType<typeof copy>
    >;
    const pasted = paste(collapsed(), clip, null).document;
    expect(groupsOf(pasted).get("group")).toEqual({
      title: "Middle",
      nodes: ["b_2", "c_2"],
      collapsed: true,
    });
    expect(copy(grouped(), new Set(["b"]))?.groups).toEqual([]);
    expect(wholeGroups(grouped(), new Set(["a", "b", "c"]))).toEqual(["g"]);
  });

  it("are merged one by one", () => {
    const mine = done(grouped(), edits.nameGroup("g", "Mine"));
    const theirs = done(grouped(), edits.group("h", new Set(["d"])));
    const merged = merge(grouped(), mine, theirs);
    expect(merged.conflicts).toEqual([]);
    expect([...groupsOf(merged.document).values()].map(({ title }) => title)).toEqual(["Mine", ""]);
    const other = done(grouped(), edits.nameGroup("g", "Theirs"));
    expect(merge(grouped(), mine, other).conflicts.map(({ path }) => path)).toEqual([
      ["meta", "groups", "g", "title"],
    ]);
  });
});

describe("moving nodes", () => {
  const at = (id: string, x: number, y: number) => new Map<string, Point>([[id, [x, y]]]);

  it("lets them into the frame they come to lie in, and out when they are drawn away", () => {
    const joined = moveNodes(grouped(), at("d", 400, 16));
    expect(groupOf(joined, "d")).toBe("g");
    const near = moveNodes(grouped(), at("c", 576, 100));
    expect(groupOf(near, "c")).toBe("g");
    const far = moveNodes(grouped(), at("c", 576, 900));
    expect(groupOf(far, "c")).toBeNull();
    expect(groupsOf(far).get("g")?.nodes).toEqual(["b"]);
  });

  it("keeps a group that moves as a whole, and lets nobody into a closed one", () => {
    const places = new Map<string, Point>([
      ["b", [2880, 800]],
      ["c", [3168, 800]],
    ]);
    expect(groupsOf(moveNodes(grouped(), places)).get("g")?.nodes).toEqual(["b", "c"]);
    expect(groupOf(moveNodes(collapsed(), at("d", 400, 16)), "d")).toBeNull();
  });
});

describe("what is drawn", () => {
  const mark = markOf("g");

  it("is the document itself while no group is collapsed", () => {
    expect(shownOf(grouped()).boxes).toEqual(sceneOf(grouped()).boxes);
    expect(groupOfMark("b")).toBeNull();
    expect(groupOfMark(mark)).toBe("g");
  });

  it("has one box in place of the nodes of a collapsed group, with a port per kind of way", () => {
    const { boxes, geometry } = shownOf(collapsed());
    expect([...boxes.keys()]).toEqual(["a", "d", mark]);
    expect(boxes.get(mark)).toEqual({ x: 288, y: 8, width: 208, height: 84 });
    expect(geometry.get(mark)?.ports.map((port) => port.id)).toEqual(["in", "ok", "error"]);
    expect(standFor(collapsed(), "c")).toBe(mark);
    expect(nodesBehind(collapsed(), mark)).toEqual(["b", "c"]);
  });

  it("leads wires to the box, and draws none inside of it", () => {
    const ends = collapsed().edges.map((edge) => endsOf(collapsed(), edge));
    expect(ends).toEqual([
      { from: "a", to: mark },
      null,
      { from: mark, to: "d" },
      { from: mark, to: "d" },
    ]);
    expect(pathOf(collapsed(), collapsed().edges[1] as never)).toBeNull();
    expect(pathOf(collapsed(), collapsed().edges[0] as never)?.points.at(-1)).toEqual([288, 40]);
  });

  it("moves the nodes of a group as far as its box", () => {
    const places = unfold(collapsed(), new Map<string, Point>([[mark, [296, 108]]]));
    expect(placeNodes(collapsed(), places).layout).toMatchObject({ b: [296, 100], c: [584, 100] });
  });

  it("loses a selected group with the group", () => {
    const selection = selectGroup(grouped(), "g");
    expect([...selection.nodes]).toEqual(["b", "c"]);
    expect(prune(selection, grouped())).toBe(selection);
    expect(prune(selection, chain()).focus).toBeNull();
  });
});

describe("tidying up with groups", () => {
  const overlap = (a: Rect, b: Rect) =>
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

  it("overlaps no nodes, and keeps strangers out of the frames", () => {
    fc.assert(
      fc.property(
        documents(14),
        fc.array(fc.tuple(fc.nat(13), fc.nat(13), fc.boolean()), { minLength: 1, maxLength: 3 }),
        (start, pairs) => {
          const ids = Object.keys(start.nodes);
          let document = start;
          for (const [i, [a, b, closed]] of pairs.entries()) {
            const chosen = [ids[a % ids.length], ids[b % ids.length]] as string[];
            document = groupNodes(document, `g${i}`, chosen);
            document = changeGroup(document, `g${i}`, { collapsed: closed });
          }
          const tidy = placeNodes(document, layout(document));
          expect(
            Object.values(tidy.layout)
              .flat()
              .every((part) => part % 8 === 0),
          ).toBe(true);
          const things = [...shownOf(tidy).boxes].filter(
            ([id]) => groupOfMark(id) !== null || groupOf(tidy, id) === null,
          );
          const frames = [...groupsOf(tidy)].flatMap(([id, group]) =>
            group.collapsed ? [] : [[id, frameOf(tidy, group.nodes) as Rect] as [string, Rect]],
          );
          const all = [...things, ...frames];
          for (const [i, [, a]] of all.entries()) {
            for (const [, b] of all.slice(i + 1)) expect(overlap(a, b)).toBe(false);
          }
        },
      ),
    );
  });
});
