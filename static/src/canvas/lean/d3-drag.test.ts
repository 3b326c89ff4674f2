import { expect, test } from "vitest";
import { dragDisable, dragEnable } from "./d3-drag";

const taken = (view: EventTarget, kind: string): boolean =>
  !view.dispatchEvent(new Event(kind, { cancelable: true }));

test("while the view is dragged no text is selected and nothing picked up", () => {
  const view = new EventTarget();
  dragDisable(view);
  expect(["dragstart", "selectstart", "click"].map((kind) => taken(view, kind))).toEqual([
    true,
    true,
    false,
  ]);
  dragEnable(view);
  expect(["dragstart", "selectstart", "click"].some((kind) => taken(view, kind))).toBe(false);
});

test("the click that ends a move is none, the next one is", async () => {
  const view = new EventTarget();
  dragDisable(view);
  dragEnable(view, true);
  expect(taken(view, "click")).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(taken(view, "click")).toBe(false);
});
