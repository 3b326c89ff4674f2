/** Keys that every canvas understands. Letters act only while the canvas has the keyboard. */
import type { Rect } from "../model/geometry";
import type { Direction } from "../model/hit";
import type { Camera } from "./camera";
import { preferences } from "./preferences";

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

/** Whether the key is a letter, a digit or a sign by itself, which a person may have switched off. */
export function isLetter(event: Keys): boolean {
  return isPlain(event) && event.key.length === 1 && event.key !== " ";
}

/** Zoom and fit keys. True when the key was one of them. */
export function cameraKey(event: Keys, camera: Camera | null, all: Rect | null): boolean {
  // Ctrl+1 too: whoever comes from other editors has it in the fingers.
  const fits = event.key === "1" && !event.altKey && !event.shiftKey;
  if (!camera || (!isPlain(event) && !fits)) return false;
  if (isLetter(event) && !preferences().letters) return false;
  if (fits) camera.fit(all);
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
