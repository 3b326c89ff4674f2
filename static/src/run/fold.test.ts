import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { edgeStates, nodeStates } from "./canvasStates";
import { fold } from "./fold";
import { RunRecord } from "./record";
import { Journal, SAMPLE_DOCUMENT, sampleEvents } from "./sampleRun";
import { EMPTY_VIEW, findVisit } from "./view";

const upTo = (seq: number) => fold(EMPTY_VIEW, sampleEvents().slice(0, seq));

describe("fold", () => {
  test("follows a node from idle over running to ok", () => {
    const at = (seq: number) => nodeStates(upTo(seq), SAMPLE_DOCUMENT).measure;
    expect(at(2)).toEqual({ status: "idle", count: 0, ms: null });
    expect(at(3)).toEqual({ status: "running", count: 0, ms: null });
    expect(at(4)).toEqual({ status: "ok", count: 1, ms: 40 });
    expect(at(8)).toEqual({ status: "running", count: 1, ms: 40 });
    expect(at(9)).toEqual({ status: "ok", count: 2, ms: 40 });
  });

  test("calls a node no token reached skipped, but only once the run is over", () => {
    expect(nodeStates(upTo(12), SAMPLE_DOCUMENT).alarm?.status).toBe("idle");
    expect(nodeStates(upTo(13), SAMPLE_DOCUMENT).alarm?.status).toBe("skipped");
  });

  test("leaves an edge open until something was decided about it, or the run is over", () => {
    const document = { ...SAMPLE_DOCUMENT, edges: [{ id: "other", from: "a", to: "b" }] };
    expect(edgeStates(upTo(2), document).other?.open).toBe(true);
    const over = { ...upTo(2), status: "completed" };
    expect("open" in (edgeStates(over, document).other ?? {})).toBe(false);
  });

  test("counts how often each edge was taken and says why", () => {
    expect(edgeStates(upTo(13), SAMPLE_DOCUMENT)).toEqual({
      low: { taken: 1, skipped: 1, reason: "score < 7 is false (score = 8)" },
      done: { taken: 1, skipped: 1, reason: "no other condition was true" },
      again: { taken: 1, skipped: 0, reason: null },
      bad: { taken: 0, skipped: 1, reason: null },
    });
  });

  test("keeps each visit with its tries, its writes and its decisions", () => {
    const view = upTo(13);
    expect(findVisit(view, "measure", 1)).toMatchObject({
      status: "ok",
      startedSeq: 3,
      endedSeq: 4,
      wrote: ["score"],
    });
    expect(findVisit(view, "measure", null)?.visit).toBe(2);
    expect(findVisit(view, "measure", 1)?.decisions[0]?.values).toEqual({ score: 6 });
    expect(view.steps).toBe(4);
  });

  test("knows the run of another workflow that works for a visit", () => {
    const started = { node: "a", act: 1, att: 1, data: { run: "r-1", workflow: "w" } };
    const journal = new Journal().add("child.started", started);
    const view = fold(EMPTY_VIEW, journal.events);
    expect(findVisit(view, "a", 1)).toMatchObject({ status: "running", child: "r-1" });

    const dropped = journal.add("child.dropped", { node: "a", act: 1, data: { run: "r-1" } });
    expect(findVisit(fold(view, dropped.events), "a", 1)).toMatchObject({
      status: "cancelled",
      child: "r-1",
    });
  });

  test("leaves a failed try open while another one comes", () => {
    const journal = new Journal().start("a").add("attempt.failed", {
      node: "a",
      act: 1,
      att: 1,
      data: { error: { code: "E_TOOL", message: "no" }, retry_at: 1_795_398_055.3 },
    });
    const waiting = fold(EMPTY_VIEW, journal.events);
    expect(findVisit(waiting, "a", 1)).toMatchObject({ status: "queued", endedSeq: null });

    const after = fold(waiting, journal.start("a", 1, 2).events);
    expect(findVisit(after, "a", 1)).toMatchObject({ status: "running", tries: 2 });
    expect(after.nodes.get("a")?.activations).toHaveLength(1);
  });

  test("keeps error, node and end of a failed run and closes what was under way", () => {
    const events = new Journal()
      .add("run.created")
      .start("a")
      .start("b")
      .add("attempt.failed", { node: "a", act: 1, att: 1, data: { error: { message: "no" } } })
      .add("run.failed", { data: { error: { code: "E_TOOL", message: "no", node: "a" } } }).events;

    const view = fold(EMPTY_VIEW, events);

    expect(view).toMatchObject({ status: "failed", error: { code: "E_TOOL", node: "a" } });
    expect(view.nodes.get("a")?.status).toBe("error");
    expect(view.nodes.get("b")?.status).toBe("cancelled");
    expect(view.endedAt).toBe(events[4]?.ts);
  });

  test("numbers visits by node although the journal numbers them by run", () => {
    const journal = new Journal().start("a", 1).succeed("a", 1, {}).start("b", 2).start("a", 3);
    const view = fold(EMPTY_VIEW, journal.events);
    expect(findVisit(view, "a", 2)).toMatchObject({ act: 3, visit: 2, status: "running" });
    expect(findVisit(view, "b", null)).toMatchObject({ act: 2, visit: 1 });
  });

  test("lets the node of a join wait for its turn, and remembers the ways it took", () => {
    const joined = new Journal()
      .add("run.created")
      .add("join.fired", { node: "c", data: { edges: ["x", "y"] } });
    const ready = fold(EMPTY_VIEW, joined.events);
    expect(findVisit(ready, "c", 1)).toMatchObject({ status: "queued", act: 0, via: ["x", "y"] });

    const running = fold(ready, joined.start("c", 4).events);
    expect(running.nodes.get("c")?.activations).toHaveLength(1);
    expect(findVisit(running, "c", 1)).toMatchObject({
      status: "running",
      act: 4,
      tries: 1,
      startedSeq: 3,
      via: ["x", "y"],
    });
  });

  test("knows a node that calls no tool, which never starts", () => {
    const journal = new Journal().succeed("end", 5, { ms: undefined, ops: [["set", "x", 1]] });
    const view = fold(EMPTY_VIEW, journal.events);
    expect(findVisit(view, "end", 1)).toMatchObject({ status: "ok", wrote: ["x"], ms: null });
  });

  test.each([
    [{}, "queued"],
    [{ error: { code: "E_OUTCOME_UNKNOWN", message: "somebody has to say" } }, "waiting"],
    [{ error: { code: "E_LOST", message: "gone" } }, "error"],
  ])("calls a visit lost with %j %s", (data, status) => {
    const journal = new Journal().start("a").add("attempt.lost", { node: "a", act: 1, data });
    expect(fold(EMPTY_VIEW, journal.events).nodes.get("a")?.status).toBe(status);
  });

  test.each([
    ["attempt.succeeded", "ok"],
    ["attempt.failed", "error"],
  ])("lets a visit whose outcome was decided end with %s", (k, status) => {
    const error = { code: "E_OUTCOME_UNKNOWN", message: "somebody has to say" };
    const about = { node: "a", act: 1 };
    const journal = new Journal()
      .start("a")
      .add("attempt.lost", { ...about, data: { error } })
      .add("outcome.decided", { ...about, data: { choice: "done", output: 1 } });
    expect(fold(EMPTY_VIEW, journal.events).nodes.get("a")?.status).toBe("queued");
    const ended = fold(EMPTY_VIEW, journal.add(k, { ...about, data: {} }).events);
    expect(ended.nodes.get("a")).toMatchObject({ status, activations: [{ status, visit: 1 }] });
  });

  test("shows a node as running while any of its visits runs", () => {
    const journal = new Journal().start("a", 1).start("a", 2);
    const view = fold(EMPTY_VIEW, journal.succeed("a", 1, {}).events);
    expect(view.nodes.get("a")?.status).toBe("running");
    expect(view.nodes.get("a")?.count).toBe(1);
  });

  test("ignores events it has seen", () => {
    const view = upTo(9);
    expect(fold(view, sampleEvents().slice(0, 9))).toBe(view);
  });

  test("never changes the view it was given", () => {
    const before = upTo(5);
    const copy = structuredClone(before);
    fold(before, sampleEvents());
    expect(before).toEqual(copy);
  });

  test("does not depend on how events are cut into batches", () => {
    const events = sampleEvents();
    const whole = fold(EMPTY_VIEW, events);
    fc.assert(
      fc.property(fc.array(fc.nat(events.length), { maxLength: 6 }), (cuts) => {
        const places = [...new Set([0, ...cuts, events.length])].sort((a, b) => a - b);
        const view = places.reduce(
          (sofar, to, index) => fold(sofar, events.slice(places[index - 1] ?? 0, to)),
          EMPTY_VIEW,
        );
        expect(view).toEqual(whole);
      }),
    );
  });
});

describe("RunRecord", () => {
  function longRecord(): RunRecord {
    const journal = new Journal().add("run.created");
    for (let act = 1; act <= 900; act += 1) journal.start("a", act).succeed("a", act, {});
    const record = new RunRecord();
    record.append(journal.events);
    return record;
  }

  test("gives the same view at any place as a fold from the start", () => {
    const record = longRecord();
    for (const seq of [0, 1, 2, 499, 500, 501, 1234, 1800, 1801]) {
      expect(record.at(seq)).toEqual(fold(EMPTY_VIEW, record.events.slice(0, seq)));
    }
  });

  test("steps over lines of the log", () => {
    const record = new RunRecord();
    record.append(sampleEvents());
    expect(record.moments).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13]);
  });

  test("knows where state was last written", () => {
    const record = new RunRecord();
    record.append(sampleEvents());
    expect([1, 3, 4, 6, 8, 13].map((seq) => record.commitAt(seq))).toEqual([1, 1, 4, 4, 7, 13]);
  });

  test("takes each event once", () => {
    const record = new RunRecord();
    record.append(sampleEvents());
    expect(record.append(sampleEvents())).toBe(false);
    expect(record.events).toHaveLength(13);
  });
});
