import { describe, expect, test } from "vitest";
import { newsBetween } from "./Announcer";
import { focusOf } from "./focus";
import { RunRecord } from "./record";
import { PLAIN_ROUTE, type RouteState } from "./route";
import { Journal, SAMPLE_DOCUMENT, sampleEvents } from "./sampleRun";

function record(events = sampleEvents()): RunRecord {
  const made = new RunRecord();
  made.append(events);
  return made;
}

const look = (change: Partial<RouteState>, made = record()) =>
  focusOf(made, { ...PLAIN_ROUTE, ...change }, SAMPLE_DOCUMENT);

describe("focusOf", () => {
  test("looks at the newest step while it follows a run", () => {
    const focus = look({}, record(sampleEvents().slice(0, 5)));
    expect(focus).toMatchObject({ seq: null, node: "fix", chosen: false, stateSeq: 5 });
    expect(focus.visit?.status).toBe("running");
  });

  test("looks at the step that failed", () => {
    const failed = new Journal()
      .add("run.created")
      .start("measure", 1)
      .start("report", 2)
      .add("attempt.failed", { node: "measure", act: 1, data: { error: { message: "no" } } })
      .add("run.failed", { data: { error: { code: "E_TOOL", message: "no", node: "measure" } } });
    expect(look({}, record(failed.events)).node).toBe("measure");
  });

  test("shows the run as it was at a moment, and the step of that moment", () => {
    const focus = look({ seq: 7 });
    expect(focus.view.nodes.get("measure")?.count).toBe(1);
    expect(focus).toMatchObject({ node: "fix", stateSeq: 7 });
  });

  test("keeps the step and visit that were chosen, with the state after that visit", () => {
    const focus = look({ node: "measure", visit: 1 });
    expect(focus).toMatchObject({ node: "measure", chosen: true, stateSeq: 4 });
    expect(focus.visit?.visit).toBe(1);
  });

  test("bears a step that is not in the workflow and a moment after the end", () => {
    const focus = look({ node: "nobody", seq: 999 });
    expect(focus).toMatchObject({ seq: 13, chosen: false });
  });
});

describe("newsBetween", () => {
  const at = (seq: number) => record().at(seq);

  test("names a few steps and counts many", () => {
    expect(newsBetween(at(3), at(7), SAMPLE_DOCUMENT)).toBe("Measure done. fix done.");
    expect(newsBetween(at(3), at(12), SAMPLE_DOCUMENT)).toBe("4 steps ended.");
  });

  test("says that the run ended, once", () => {
    expect(newsBetween(at(12), at(13), SAMPLE_DOCUMENT)).toBe("Run completed.");
    expect(newsBetween(at(13), at(13), SAMPLE_DOCUMENT)).toBe("");
  });
});
