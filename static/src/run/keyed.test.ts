import fc from "fast-check";
import { expect, test } from "vitest";
import { Keyed } from "./keyed";

const CHANGES = fc.array(
  fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }).map(String), fc.nat()), { maxLength: 90 }),
  { maxLength: 12 },
);

test("holds what a plain record would hold, at every step, however much was touched", () => {
  fc.assert(
    fc.property(CHANGES, (changes) => {
      let keyed = new Keyed<number>();
      const plain = new Map<string, number>();
      const steps: (readonly [Keyed<number>, ReadonlyMap<string, number>])[] = [];
      for (const touched of changes) {
        keyed = keyed.with(new Map(touched));
        for (const [id, value] of touched) plain.set(id, value);
        steps.push([keyed, new Map(plain)]);
      }
      for (const [kept, then] of steps) {
        expect([...kept.entries()].sort()).toEqual([...then].sort());
        for (const [id, value] of then) expect(kept.get(id)).toBe(value);
      }
      for (const [one, before] of steps)
        for (const [other, after] of steps) {
          const ids = new Set([...before.keys(), ...after.keys()]);
          const expected = [...ids].filter((id) => before.get(id) !== after.get(id));
          expect(one.differing(other).sort()).toEqual(expected.sort());
        }
    }),
  );
});

test("is itself when nothing was touched", () => {
  const keyed = new Keyed(new Map([["a", 1]]));
  expect(keyed.with(new Map())).toBe(keyed);
  expect(keyed.differing(keyed)).toEqual([]);
});
