import {
  type Dispatch,
  type RefObject,
  type SetStateAction,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { Heights } from "./heights";

/** Rows drawn above and below what is seen, so that scrolling shows no gaps. */
const SPARE = 12;

export interface VirtualRows {
  readonly viewport: RefObject<HTMLDivElement | null>;
  /** First row to draw, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly total: number;
  offset(index: number): number;
  /** Call with each drawn row's element, so that wrapped rows are measured. */
  measure(index: number, element: HTMLElement | null): void;
  scrollToRow(index: number): void;
  scrollToEnd(): void;
}

interface VirtualOptions {
  readonly count: number;
  /** The height of a row that does not wrap, in pixels. */
  readonly rowHeight: number;
  /** Rows have heights of their own. */
  readonly measured: boolean;
  /** The reader stays at the end, whatever comes: its rows are drawn before it is scrolled to. */
  readonly atEnd: boolean;
  /** Changes when the rows are other ones, not only more. */
  readonly key: string;
  /** The reader scrolled; true when the end is in sight. */
  readonly onScroll: (atEnd: boolean) => void;
}

/** Draws only the rows that are seen of a list that may have a million. */
export function useVirtualRows(options: VirtualOptions): VirtualRows {
  const { count, rowHeight, measured, atEnd, key } = options;
  const viewport = useRef<HTMLDivElement>(null);
  const [box, setBox] = useState({ top: 0, height: 600 });
  const [, redraw] = useState(0);
  const heights = useHeights(rowHeight, `${key}:${measured}:${rowHeight}`);
  heights.resize(count);
  const read = useScrollBox(viewport, setBox, options.onScroll);
  const drawn = useRef(new Map<number, HTMLElement>());
  const measure = useCallback((index: number, element: HTMLElement | null) => {
    if (element) drawn.current.set(index, element);
    else drawn.current.delete(index);
  }, []);
  useLayoutEffect(() => {
    if (measured && correct(heights, drawn.current, viewport.current)) redraw((old) => old + 1);
  });

  const scrollToRow = useCallback(
    (index: number) => {
      const element = viewport.current;
      if (!element) return;
      const top = heights.offset(index);
      const seen =
        top >= element.scrollTop && top + rowHeight <= element.scrollTop + element.clientHeight;
      if (!seen) element.scrollTop = Math.max(0, top - element.clientHeight / 2);
    },
    [heights, rowHeight],
  );
  const scrollToEnd = useCallback(() => {
    const element = viewport.current;
    if (!element) return;
    element.scrollTop = element.scrollHeight;
    // Not with the event of the scrolling: that comes a frame later, and would cost one more.
    read();
  }, [read]);

  const top = atEnd ? Math.max(0, heights.total - box.height) : box.top;
  return {
    viewport,
    from: Math.max(0, heights.indexAt(top) - SPARE),
    to: Math.min(count, heights.indexAt(top + box.height) + 1 + SPARE),
    total: heights.total,
    offset: (index) => heights.offset(index),
    measure,
    scrollToRow,
    scrollToEnd,
  };
}

/** One table of heights for as long as the rows are the same ones. */
function useHeights(rowHeight: number, key: string): Heights {
  const kept = useRef<{ key: string; heights: Heights } | null>(null);
  if (kept.current?.key !== key) kept.current = { key, heights: new Heights(rowHeight) };
  return kept.current.heights;
}

function useScrollBox(
  viewport: RefObject<HTMLDivElement | null>,
  setBox: Dispatch<SetStateAction<{ top: number; height: number }>>,
  onScroll: (atEnd: boolean) => void,
): () => void {
  const latest = useRef(onScroll);
  latest.current = onScroll;
  const read = useCallback(() => {
    const element = viewport.current;
    if (!element) return;
    const now = { top: element.scrollTop, height: element.clientHeight };
    setBox((old) => (old.top === now.top && old.height === now.height ? old : now));
  }, [viewport, setBox]);
  useEffect(() => {
    const element = viewport.current;
    if (!element) return;
    const scrolled = () => {
      read();
      latest.current(element.scrollTop + element.clientHeight >= element.scrollHeight - 4);
    };
    const watch = new ResizeObserver(read);
    element.addEventListener("scroll", scrolled, { passive: true });
    watch.observe(element);
    read();
    return () => {
      element.removeEventListener("scroll", scrolled);
      watch.disconnect();
    };
  }, [viewport, read]);
  return read;
}

/**
 * Take the heights of the drawn rows over; true when one was other than thought. All are read
 * before anything is written, or each row would cost a layout of the page. What the reader reads
 * stays where it is.
 */
function correct(
  heights: Heights,
  drawn: ReadonlyMap<number, HTMLElement>,
  viewport: HTMLElement | null,
): boolean {
  const top = viewport?.scrollTop ?? 0;
  const read = [...drawn].map(([index, element]) => [index, element.offsetHeight] as const);
  let changed = false;
  let above = 0;
  for (const [index, height] of read) {
    if (height === 0 || index >= heights.count) continue;
    const rowTop = heights.offset(index);
    const change = heights.set(index, height);
    changed ||= change !== 0;
    if (rowTop < top) above += change;
  }
  if (viewport && above !== 0) viewport.scrollTop = top + above;
  return changed;
}
