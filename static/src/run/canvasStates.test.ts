import { describe, expect, test } from "vitest";
import { type RunStates, StateBoard } from "../canvas/board";
import { runStates } from "./canvasStates";
import { fold } from "./fold";
import { Journal, SAMPLE_DOCUMENT, sampleEvents } from "./sampleRun";
import { EMPTY_VIEW } from "./view";

const EVENTS = sampleEvents();
const upTo = (seq: number) => runStates(fold(EMPTY_VIEW, EVENTS.slice(0, seq)));
const NODES = Object.keys(SAMPLE_DOCUMENT.nodes);
const EDGES = SAMPLE_DOCUMENT.edges.map(({ id }) => id);

describe("the states of a run", () => {
  test("name everything that differs between any two moments", () => {
    for (let from = 0; from <= EVENTS.length; from += 1) {
      for (let to = 0; to <= EVENTS.length; to += 1) {
        const [before, now] = [upTo(from), upTo(to)];
        const touched = now.since(before);
        if (touched === null) continue;
        for (const id of NODES) {
          if (!touched.nodes.includes(id)) expect(now.node(id)).toEqual(before.node(id));
        }
        for (const id of EDGES) {
          if (!touched.edges.includes(id)) expect(now.edge(id)).toEqual(before.edge(id));
        }
      }
    }
  });

  test("name one node and no edge when an event touched one node", () => {
    const journal = new Journal().add("run.created").start("a").succeed("a", 1, {});
    const before = fold(EMPTY_VIEW, journal.events);
    const after = fold(before, journal.start("b").events);

    const touched = runStates(after).since(runStates(before));

    expect(touched).toEqual({ nodes: ["b"], edges: [] });
    expect(runStates(after).node("a")).toBe(runStates(before).node("a"));
  });

  test("say that anything may differ once the run is over: what never ran was skipped", () => {
    expect(upTo(EVENTS.length).since(upTo(2))).toBeNull();
  });
});

describe("the board of a canvas", () => {
  const states = (status: "ok" | "running", touched: readonly string[] | null): RunStates => ({
    node: () => ({ status, count: 0, ms: null }),
    edge: () => ({ taken: 0, skipped: 0, reason: null }),
    since: () => touched && { nodes: touched, edges: [] },
  });

  function watched(first: RunStates | null) {
    const board = new StateBoard(first);
    const told: string[] = [];
    board.watchNode("a", () => told.push("a"));
    board.watchNode("b", () => told.push("b"));
    board.watchEdge("e", () => told.push("e"));
    board.watch(() => told.push("all"));
    return { board, told };
  }

  test("tells only the steps that an event touched", () => {
    const { board, told } = watched(states("ok", null));
    board.show(states("running", ["b"]));
    expect(told).toEqual(["b", "all"]);
    expect(board.states?.node("b").status).toBe("running");
  });

  test("tells nobody of an event that touched nothing", () => {
    const { board, told } = watched(states("ok", null));
    board.show(states("ok", []));
    expect(told).toEqual([]);
  });

  test("tells everybody when a run comes, goes, or may have changed anywhere", () => {
    const { board, told } = watched(null);
    const everybody = ["a", "b", "e", "all"];
    board.show(states("ok", []));
    expect(told).toEqual(everybody);
    board.show(states("ok", null));
    expect(told).toEqual([...everybody, ...everybody]);
    board.show(null);
    expect(told).toEqual([...everybody, ...everybody, ...everybody]);
    expect(board.states).toBeNull();
  });

  test("forgets those who stopped listening", () => {
    const board = new StateBoard(states("ok", null));
    const told: string[] = [];
    const stop = board.watchNode("a", () => told.push("first"));
    board.watchNode("a", () => told.push("second"));
    stop();
    board.show(states("ok", ["a"]));
    expect(told).toEqual(["second"]);
  });
});
