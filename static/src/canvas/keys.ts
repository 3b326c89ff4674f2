/** Keys that every canvas understands. Letters act only while the canvas has the keyboard. */
import type { Rect } from "../model/geometry";
import type { Direction } from "../model/hit";
import type { Camera } from "./camera";

export interface Keys {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** The direction of an arrow key pressed alone. */
export function directionOf(event: Keys): Direction | null {
  return isPlain(event) && !event.shiftKey ? (ARROWS[event.key] ?? null) : null;
}

export function arrowOf(event: Keys): Direction | null {
  return ARROWS[event.key] ?? null;
}

/** Neither Ctrl, Cmd nor Alt is held. */
export function isPlain(event: Keys): boolean {
  return !event.ctrlKey && !event.metaKey && !event.altKey;
}

/** Zoom and fit keys. True when the key was one of them. */
export function cameraKey(event: Keys, camera: Camera | null, all: Rect | null): boolean {
  if (!camera || !isPlain(event)) return false;
  if (event.key === "1") camera.fit(all);
  else if (event.key === "0") camera.zoomTo(1);
  else if (event.key === "+" || event.key === "=") camera.zoomBy(1.25);
  else if (event.key === "-") camera.zoomBy(1 / 1.25);
  else return false;
  return true;
}

/** Whether the keyboard is in a field that wants the letters for itself. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest(TYPING) !== null;
}

const TYPING = "input, textarea, select, [contenteditable=true], dialog";
