/**
 * Stands in for the package `d3-drag` where nothing can be dragged but the view: on the pages of
 * runs. What is left is what `d3-zoom` asks while the view is dragged: that no text is selected and
 * nothing picked up on the way, and that the end is no click. Saves those pages 2 KB.
 */
const ON_THE_WAY = ["dragstart", "selectstart"] as const;
const HEARD_FIRST = { capture: true, passive: false } as const;

function swallow(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** The view begins to be dragged. */
export function dragDisable(view: EventTarget): void {
  for (const kind of ON_THE_WAY) view.addEventListener(kind, swallow, HEARD_FIRST);
}

/** The view was dragged; the click that comes with it means nothing when it `moved`. */
export function dragEnable(view: EventTarget, moved = false): void {
  for (const kind of ON_THE_WAY) view.removeEventListener(kind, swallow, HEARD_FIRST);
  if (!moved) return;
  view.addEventListener("click", swallow, HEARD_FIRST);
  setTimeout(() => view.removeEventListener("click", swallow, HEARD_FIRST));
}

/** React Flow asks for this where a node may be moved. */
export function drag(): never {
  throw new Error("the steps of a run stay where they are");
}
