/** A finger that stays on a step: the touch that means "this one, too". */
import { type MouseEvent, type PointerEvent, useEffect, useMemo, useRef } from "react";

/** As long as the systems' own. */
const HELD_MS = 500;
/** Further than this, in pixels, it is a drag. */
const STILL = 10;

interface Press {
  readonly x: number;
  readonly y: number;
  readonly timer: number;
}

/**
 * Handlers for what holds the steps.
 * @param onHeld undefined where a long press means nothing
 * @param paintedAt the step that is only painted at the pointer
 */
export function useLongPress(
  onHeld: ((node: string) => void) | undefined,
  paintedAt: (event: MouseEvent) => string | null,
) {
  const latest = useRef({ onHeld, paintedAt });
  latest.current = { onHeld, paintedAt };
  const press = useRef<Press | null>(null);
  const held = useRef(false);
  const handlers = useMemo(() => {
    const end = () => {
      if (press.current) clearTimeout(press.current.timer);
      press.current = null;
    };
    return {
      onPointerDownCapture(event: PointerEvent) {
        end();
        held.current = false;
        if (event.pointerType !== "touch" || !event.isPrimary || !latest.current.onHeld) return;
        const step = (event.target as HTMLElement).closest<HTMLElement>("[data-node]");
        const node = step?.dataset.node ?? latest.current.paintedAt(event);
        if (!node) return;
        const timer = window.setTimeout(() => {
          press.current = null;
          held.current = true;
          latest.current.onHeld?.(node);
        }, HELD_MS);
        press.current = { x: event.clientX, y: event.clientY, timer };
      },
      onPointerMoveCapture({ clientX, clientY }: PointerEvent) {
        const at = press.current;
        if (at && Math.hypot(clientX - at.x, clientY - at.y) > STILL) end();
      },
      onPointerUpCapture: end,
      onPointerCancelCapture: end,
      // Lifting the finger is no tap any more.
      onClickCapture(event: MouseEvent) {
        if (!held.current) return;
        held.current = false;
        event.stopPropagation();
        event.preventDefault();
      },
    };
  }, []);
  useEffect(() => () => handlers.onPointerUpCapture(), [handlers]);
  return handlers;
}

/** Whether a context menu was asked for by a finger. */
export const isByTouch = (event: MouseEvent): boolean =>
  (event.nativeEvent as globalThis.PointerEvent).pointerType === "touch";
