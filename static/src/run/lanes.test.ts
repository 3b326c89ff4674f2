import fc from "fast-check";
import { expect, test } from "vitest";
import { fold } from "./fold";
import { timeline } from "./lanes";
import { Journal } from "./sampleRun";
import { EMPTY_VIEW } from "./view";

/** So many steps, of which some end at once and some when three more have begun. */
function journalOf(ends: readonly boolean[]) {
  const journal = new Journal().add("run.created");
  const open: number[] = [];
  ends.forEach((atOnce, act) => {
    journal.start(`n${act}`, act + 1);
    open.push(act);
    const [first] = open;
    if (first === undefined || !(atOnce || open.length > 3)) return;
    open.shift();
    journal.succeed(`n${first}`, first + 1, {});
  });
  return journal.events;
}

test("a timeline made of the one before is the one made of nothing", () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 260 }),
      fc.array(fc.nat(500), { maxLength: 6 }),
      (ends, places) => {
        const events = journalOf(ends);
        let view = EMPTY_VIEW;
        for (const upTo of [...places, events.length].sort((a, b) => a - b)) {
          view = fold(view, events.slice(0, upTo));
          const grown = timeline(view);
          timeline({ ...EMPTY_VIEW, createdAt: "1999-01-01T00:00:00Z" });
          expect(timeline(view)).toEqual(grown);
        }
      },
    ),
  );
});
