import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { PLAIN_ROUTE, type RouteState, readRoute, writeRoute } from "./route";
import type { RunStore } from "./store";

/** Draw again whenever the run has news; the answer grows with each. */
export function useVersion(store: RunStore): number {
  return useSyncExternalStore(store.subscribe, store.version);
}

/** The view state, kept in the address. Changes replace the entry, they do not pile up in Back. */
export function useRoute(): [RouteState, (change: Partial<RouteState>) => void] {
  const [route, setRoute] = useState(() => readRoute(window.location.search));
  const change = useCallback((part: Partial<RouteState>) => {
    setRoute((old) => ({ ...old, ...part }));
  }, []);
  useEffect(() => {
    const { pathname, search, hash } = window.location;
    const wanted = writeRoute(route, search);
    if (wanted !== search) window.history.replaceState(null, "", pathname + wanted + hash);
  }, [route]);
  useEffect(() => {
    const read = () => setRoute(readRoute(window.location.search));
    window.addEventListener("popstate", read);
    return () => window.removeEventListener("popstate", read);
  }, []);
  return [route, change];
}

/**
 * The clock, in milliseconds since 1970, read each `every` milliseconds while `on`. It draws what
 * uses it: keep that small, as all else of the page is told by the store.
 */
export function useNow(on: boolean, every: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!on) return;
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [on, every]);
  return now;
}

/** True while a media query matches. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => window.matchMedia(query).matches);
  useEffect(() => {
    const list = window.matchMedia(query);
    const update = () => setMatches(list.matches);
    update();
    list.addEventListener("change", update);
    return () => list.removeEventListener("change", update);
  }, [query]);
  return matches;
}

export { PLAIN_ROUTE };
