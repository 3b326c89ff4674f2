import fc from "fast-check";
import { expect, test } from "vitest";
import { Pieces } from "./pieces";

test("pieces hold the list, and keep those in which nothing changed", () => {
  const change = fc.tuple(fc.nat(400), fc.boolean());
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.array(change), (length, changes) => {
      const pieces = new Pieces<object>();
      let list: object[] = Array.from({ length }, () => ({}));
      let before = pieces.update(list);
      for (const [place, grows] of changes) {
        const at = place % list.length;
        list = grows ? [...list, {}] : list.with(at, {});
        const now = pieces.update(list);
        expect(now.flat()).toEqual(list);
        expect(now.flat().every((item, index) => item === list[index])).toBe(true);
        const other = now.filter((piece, index) => piece !== before[index]);
        expect(other.length).toBe(1);
        before = now;
      }
    }),
  );
});

test("a list that got shorter has no more pieces than it needs", () => {
  const pieces = new Pieces<number>();
  pieces.update(Array.from({ length: 200 }, (_, index) => index));
  expect(pieces.update([0, 1]).flat()).toEqual([0, 1]);
  expect(pieces.update([])).toEqual([]);
});
