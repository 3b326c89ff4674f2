import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunEvent } from "../live/events";
import { openWaits } from "./waitWords";

const KINDS = ["wait.opened", "wait.closed", "attempt.started"];
const EVENT = fc.record({ k: fc.constantFrom(...KINDS), act: fc.nat(4), gone: fc.boolean() });

test("a journal that grows comes to what the whole of it comes to, read once", () => {
  fc.assert(
    fc.property(fc.array(fc.array(EVENT)), (parts) => {
      const journal: RunEvent[] = [];
      for (const part of parts) {
        for (const { k, act, gone } of part) {
          const data = gone ? { withdrawn: [act] } : {};
          const seq = journal.length + 1;
          journal.push({ seq, ts: "", k, node: "a", act, att: 1, data } as RunEvent);
        }
        expect(openWaits(journal)).toEqual(openWaits([...journal]));
      }
    }),
  );
});
