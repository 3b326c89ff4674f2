import { describe, expect, test } from "vitest";
import { fold } from "./fold";
import { Journal } from "./sampleRun";
import { EMPTY_VIEW, findVisit } from "./view";

const WAITS = { waits: [{ id: "1", kind: "human" }] };

describe("waits in the view of a run", () => {
  test("a step that waits is waiting, then done", () => {
    const journal = new Journal().add("wait.opened", { node: "w", act: 1, data: WAITS });
    expect(fold(EMPTY_VIEW, journal.events).nodes.get("w")).toMatchObject({
      status: "waiting",
      count: 0,
    });

    journal.add("wait.closed", { node: "w", act: 1, data: { wait: "1", how: "answered" } });
    expect(fold(EMPTY_VIEW, journal.events).nodes.get("w")?.status).toBe("queued");

    const view = fold(EMPTY_VIEW, journal.succeed("w", 1, { ms: undefined }).events);
    expect(view.nodes.get("w")).toMatchObject({ status: "ok", count: 1 });
    expect(view.nodes.get("w")?.activations).toHaveLength(1);
  });

  test("a tool that asks is waiting between its tries", () => {
    const journal = new Journal().start("a", 1);
    journal.add("wait.opened", { node: "a", act: 1, data: { ...WAITS, asked: 1 } });
    expect(fold(EMPTY_VIEW, journal.events).nodes.get("a")?.status).toBe("waiting");

    journal.add("wait.closed", { node: "a", act: 1, data: { wait: "1.1", how: "answered" } });
    const view = fold(EMPTY_VIEW, journal.start("a", 1, 2).events);
    expect(view.nodes.get("a")?.status).toBe("running");
    expect(findVisit(view, "a", 1)).toMatchObject({ status: "running", tries: 2 });
  });

  test("a step that is withdrawn while it waits is cancelled", () => {
    const journal = new Journal()
      .add("wait.opened", { node: "w", act: 1, data: WAITS })
      .add("tokens.withdrawn", { node: "x", data: { withdrawn: [1] } });
    expect(fold(EMPTY_VIEW, journal.events).nodes.get("w")?.status).toBe("cancelled");
  });
});
