/** Which rows of a long outline are drawn: those in sight, some around them, and the current one. */
import { type RefObject, useEffect, useMemo, useState } from "react";
import { edgesOf, rowAt } from "./heights";
import type { Row } from "./rows";

/** Up to so many rows all are drawn, so that a screen reader can read on through all of them. */
const FEW = 400;
/** Rows are drawn this far above and below what is in sight, in pixels. */
const SPARE = 600;
/** Scrolling less than this draws nothing anew, in pixels. */
const STRIDE = 200;

const NARROW = "(width < 720px)";

export interface Placed {
  readonly row: Row;
  /** From the top of the list, in pixels. */
  readonly top: number;
  readonly height: number;
}

export interface Seen {
  /** The height of all rows, in pixels. */
  readonly total: number;
  readonly rows: readonly Placed[];
}

export function useSeenRows(
  tree: RefObject<HTMLElement | null>,
  rows: readonly Row[],
  current: Row | null,
): Seen {
  const narrow = useMedia(NARROW);
  const tops = useMemo(() => edgesOf(rows, narrow), [rows, narrow]);
  const { top, height } = useScrollBox(tree, rows.length > 0);
  const total = tops[rows.length] ?? 0;
  const many = rows.length > FEW;
  const from = many ? rowAt(tops, top - SPARE) : 0;
  const to = many ? rowAt(tops, top + height + SPARE) + 1 : rows.length;
  const drawn = rows.slice(from, to).map((row, index) => placed(tops, row, from + index));
  // The row that has the keyboard, or will get it with Tab, is always there.
  const at = current ? rows.indexOf(current) : -1;
  if (current && at >= 0 && at < from) drawn.unshift(placed(tops, current, at));
  if (current && at >= to) drawn.push(placed(tops, current, at));
  return { total, rows: drawn };
}

function placed(tops: readonly number[], row: Row, at: number): Placed {
  const top = tops[at] ?? 0;
  return { row, top, height: (tops[at + 1] ?? top) - top };
}

/** What of the list is in sight, in steps of `STRIDE`. */
function useScrollBox(tree: RefObject<HTMLElement | null>, there: boolean) {
  const [box, setBox] = useState({ top: 0, height: 800 });
  useEffect(() => {
    const element = there ? tree.current : null;
    if (!element) return;
    const read = () => {
      const top = Math.floor(element.scrollTop / STRIDE) * STRIDE;
      const height = element.clientHeight + STRIDE;
      setBox((old) => (old.top === top && old.height === height ? old : { top, height }));
    };
    const watch = new ResizeObserver(read);
    watch.observe(element);
    element.addEventListener("scroll", read, { passive: true });
    return () => {
      watch.disconnect();
      element.removeEventListener("scroll", read);
    };
  }, [tree, there]);
  return box;
}

function useMedia(query: string): boolean {
  const [fits, setFits] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const read = () => setFits(media.matches);
    media.addEventListener("change", read);
    return () => media.removeEventListener("change", read);
  }, [query]);
  return fits;
}
