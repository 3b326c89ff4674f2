import { useReactFlow, useStore } from "@xyflow/react";
import {
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { GraphDocument } from "../model/document";
import type { Selection } from "../model/selection";
import { markOf, shownOf, standFor } from "../model/shown";
import { Camera, FAR_COUNT, FAR_ZOOM } from "./camera";
import type { CanvasLinks } from "./context";
import type { BoxElement, WireElement } from "./elements";
import type { Editing } from "./gestures";
import { isTyping } from "./keys";

/** @param startZoom the zoom until React Flow has taken over the first view */
export function useFar(count: number, startZoom: number): boolean {
  const small = useStore((store) => (store.panZoom ? store.transform[2] : startZoom) < FAR_ZOOM);
  return small && count > FAR_COUNT;
}

/** The size of the canvas before the first paint, so that the first view is already the right one. */
export function useHost(): {
  ref: RefObject<HTMLDivElement | null>;
  size: { width: number; height: number } | null;
} {
  const ref = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  useLayoutEffect(() => {
    const box = ref.current?.getBoundingClientRect();
    if (box) setSize({ width: box.width, height: box.height });
  }, []);
  return { ref, size };
}

export function useCamera(
  host: RefObject<HTMLElement | null>,
  cameraRef: { current: Camera | null },
  setLeaving: ((leaving: boolean) => void) | null,
): void {
  const flow = useReactFlow<BoxElement, WireElement>();
  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return;
    const camera = new Camera(flow, element, setLeaving);
    cameraRef.current = camera;
    let [width, height] = [element.clientWidth, element.clientHeight];
    // A drawer opens below: what one looks at stays in the middle of what is left.
    const watch = new ResizeObserver(() => {
      const { clientWidth, clientHeight } = element;
      camera.shift((clientWidth - width) / 2, (clientHeight - height) / 2);
      [width, height] = [clientWidth, clientHeight];
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      cameraRef.current = null;
    };
  }, [flow, host, cameraRef, setLeaving]);
}

/** The keys work from the start, unless something else has the keyboard already. */
export function useFirstFocus(host: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (document.activeElement === document.body) host.current?.focus({ preventScroll: true });
  }, [host]);
}

export interface FocusRequest {
  readonly id: string;
  /** Tells one request from the next for the same node. */
  readonly turn: number;
}

interface FocusInput {
  readonly view: { readonly document: GraphDocument; readonly selection: Selection };
  readonly editing: Editing | null;
  readonly onOpen?: (kind: "node" | "edge", id: string) => void;
  readonly onRounds?: (node: string) => void;
  readonly onToggleGroup?: (group: string) => void;
  readonly cameraRef: { current: Camera | null };
  readonly focusRequest: FocusRequest | null;
}

/**
 * Roving Tab stop: one node of the canvas has it. When that node is out of sight, or all are
 * painted from afar, the canvas itself takes the keyboard, so that it never falls to the page.
 */
export function useKeyboardFocus(
  host: RefObject<HTMLElement | null>,
  input: FocusInput,
): { links: CanvasLinks; stop: string | null; stopShown: boolean } {
  const elements = useRef(new Map<string, HTMLElement>());
  const latest = useRef(input);
  latest.current = input;
  const stop = tabStop(input.view.document, input.view.selection);
  const stopRef = useRef(stop);
  stopRef.current = stop;
  const [stopShown, setStopShown] = useState(false);

  const register = useCallback(
    (id: string, element: HTMLElement | null) => {
      if (element) elements.current.set(id, element);
      if (id === stopRef.current) setStopShown(true);
      return () => {
        elements.current.delete(id);
        if (id === stopRef.current) setStopShown(false);
        if (element && element.ownerDocument.activeElement === element) {
          host.current?.focus({ preventScroll: true });
        }
      };
    },
    [host],
  );

  useLayoutEffect(() => {
    setStopShown(stop !== null && elements.current.has(stop));
  }, [stop]);

  const links = useMemo<CanvasLinks>(
    () => ({
      register,
      openEdge: (id) => latest.current.onOpen?.("edge", id),
      insertInto: (id) => latest.current.editing?.onInsert(id),
      openRounds: (id) => latest.current.onRounds?.(id),
      openGroup: (id) => latest.current.onToggleGroup?.(id),
    }),
    [register],
  );

  const request = input.focusRequest;
  useEffect(() => {
    if (!request) return;
    // A node in a closed group is where the box of the group is.
    const id = standFor(latest.current.view.document, request.id);
    const box = shownOf(latest.current.view.document).boxes.get(id);
    if (box) latest.current.cameraRef.current?.reveal(box);
    const before = document.activeElement;
    return soon(() => {
      // A field that took the keyboard meanwhile keeps it.
      const now = document.activeElement;
      if (now !== before && now !== host.current && isTyping(now)) return true;
      const element = elements.current.get(id);
      (element ?? host.current)?.focus({ preventScroll: true });
      return element !== undefined;
    });
  }, [request, host]);

  return { links, stop, stopShown };
}

function tabStop(document: GraphDocument, selection: Selection): string | null {
  const { focus } = selection;
  const { boxes } = shownOf(document);
  const mark = focus?.kind === "group" ? markOf(focus.id) : null;
  if (mark !== null && boxes.has(mark)) return mark;
  const has = (id: string | undefined): id is string =>
    id !== undefined && Object.hasOwn(document.nodes, id);
  const wanted = focus?.kind === "node" && has(focus.id) ? focus.id : document.entry[0];
  const id = has(wanted) ? wanted : Object.keys(document.nodes)[0];
  return id === undefined ? null : standFor(document, id);
}

/** Try at once and in each of the next frames until it succeeds; a node may be a frame away. */
function soon(attempt: () => boolean, frames = 3): () => void {
  let frame = 0;
  const next = (left: number) => {
    if (attempt() || left === 0) return;
    frame = requestAnimationFrame(() => next(left - 1));
  };
  next(frames);
  return () => cancelAnimationFrame(frame);
}
