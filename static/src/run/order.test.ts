import fc from "fast-check";
import { expect, test } from "vitest";
import { fold } from "./fold";
import { visitsInOrder } from "./order";
import { sampleEvents } from "./sampleRun";
import { EMPTY_VIEW } from "./view";

const EVENTS = sampleEvents();

test("visits stand in the order they began, whichever moment was looked at before", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(EVENTS.length), { maxLength: 20 }), (moments) => {
      for (const at of moments) {
        const view = fold(EMPTY_VIEW, EVENTS.slice(0, at));
        const all = [...view.nodes.entries()].flatMap(([, node]) => node.activations);
        const plain = all.sort((a, b) => a.startedSeq - b.startedSeq);
        const visits = visitsInOrder(view);
        expect(visits.length).toBe(plain.length);
        expect(visits.every((visit, index) => visit === plain[index])).toBe(true);
      }
    }),
  );
});

test("what goes on from a view keeps the order, and the visits that no event touched", () => {
  let view = EMPTY_VIEW;
  for (const event of EVENTS) {
    const before = visitsInOrder(view);
    view = fold(view, [event]);
    const now = visitsInOrder(view);
    expect([...now].sort((a, b) => a.startedSeq - b.startedSeq)).toEqual(now);
    expect(visitsInOrder(view)).toBe(now);
    const other = now.filter((visit) => !before.includes(visit));
    expect(other.every((visit) => visit.node === event.node || event.k.startsWith("run."))).toBe(
      true,
    );
  }
});
