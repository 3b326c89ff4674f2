/**
 * Stands in for the package `use-sync-external-store`, which zustand brings along for React 17:
 * today's React has the hook itself, and only the memory of what was picked is left to add.
 */
import { useCallback, useRef, useSyncExternalStore } from "react";

type Equal<T> = (a: T, b: T) => boolean;

function useSyncExternalStoreWithSelector<S, T>(
  subscribe: (changed: () => void) => () => void,
  state: () => S,
  serverState: (() => S) | undefined,
  pick: (state: S) => T,
  equal: Equal<T> = Object.is,
): T {
  const last = useRef<{ of: S; pick: (state: S) => T; value: T } | null>(null);
  const picked = useCallback(
    (now: S): T => {
      const before = last.current;
      if (before && Object.is(before.of, now) && before.pick === pick) return before.value;
      const made = pick(now);
      const value = before && equal(before.value, made) ? before.value : made;
      last.current = { of: now, pick, value };
      return value;
    },
    [pick, equal],
  );
  return useSyncExternalStore(
    subscribe,
    () => picked(state()),
    () => picked((serverState ?? state)()),
  );
}

export default { useSyncExternalStoreWithSelector };
