/** What is tried where nothing may be changed: by hand, for keys come through the session; and how often it is worth a word. */
import { STEP_MIME } from "../canvas/gestures";

/** So long after a try one remembers why it did nothing. */
const REMEMBERED_MS = 60_000;

/** Tells the first of a row of tries from those that follow it, as those of a key that is held. */
export class Quiet {
  #last = Number.NEGATIVE_INFINITY;

  /** Whether a try at this moment is worth a word. */
  breaks(now: number): boolean {
    const forgotten = now - this.#last >= REMEMBERED_MS;
    this.#last = now;
    return forgotten;
  }
}

/** Farther than a hand trembles. */
const DRAG_PX = 6;

/**
 * Hear of a wire that is drawn, a step that is moved or brought from another window, and a double
 * click on the paper. A finger on a step moves the paper, which means nothing else.
 */
export function watchHand(canvas: HTMLElement, tried: () => void): () => void {
  let from: { readonly x: number; readonly y: number } | null = null;
  const onDown = ({ target, button, pointerType, x, y }: PointerEvent) => {
    const moves = pointerType !== "touch" && (target as Element).closest("[data-node]") !== null;
    from = button === 0 && (moves || isOnPort(canvas, x, y)) ? { x, y } : null;
  };
  const onMove = ({ buttons, x, y }: PointerEvent) => {
    if (!from || Math.hypot(x - from.x, y - from.y) < DRAG_PX) return;
    from = null;
    if (buttons & 1) tried();
  };
  const onDouble = ({ target }: MouseEvent) => {
    if ((target as Element).classList.contains("react-flow__pane")) tried();
  };
  const onOver = ({ dataTransfer }: DragEvent) => {
    if (dataTransfer?.types.includes(STEP_MIME)) tried();
  };
  const stop = new AbortController();
  const options = { capture: true, signal: stop.signal };
  canvas.addEventListener("pointerdown", onDown, options);
  canvas.addEventListener("pointermove", onMove, options);
  canvas.addEventListener("dblclick", onDouble, options);
  canvas.addEventListener("dragover", onOver, options);
  return () => stop.abort();
}

/** Asked of their places: where nothing can be wired, the pointer goes through ports. */
function isOnPort(canvas: HTMLElement, x: number, y: number): boolean {
  return [...canvas.querySelectorAll(".react-flow__handle")].some((port) => {
    const { left, right, top, bottom } = port.getBoundingClientRect();
    return left <= x && x <= right && top <= y && y <= bottom;
  });
}
