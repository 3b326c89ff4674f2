import { useEffect, useState } from "react";
import { getJson } from "../live/http";
import type { RunStore } from "./store";

/** The state of a run at one position, as the server folded it. */
export interface StateAt {
  readonly seq: number;
  readonly state: Readonly<Record<string, unknown>>;
}

/** What a panel shows of a state: it is on its way, it is here, or it could not be had. */
export type Loading<T> =
  | { readonly kind: "loading" }
  | { readonly kind: "ready"; readonly value: T }
  | { readonly kind: "failed"; readonly message: string };

/** So many states are kept; going back and forth over a run asks for each once. */
const KEPT = 64;
/** A slider that is dragged asks when it rests this long, in milliseconds. */
const REST_MS = 80;

const caches = new WeakMap<RunStore, Map<number, Promise<StateAt>>>();

export function stateUrl(store: RunStore, seq: number): string {
  return `${store.boot.urls.api}/runs/${store.boot.run.id}/state?seq=${seq}`;
}

/** The state after event `seq`; asked for once per position that wrote anything. */
export function stateAt(store: RunStore, seq: number): Promise<StateAt> {
  const at = store.record.commitAt(seq);
  if (at === 0) return Promise.resolve({ seq: 0, state: {} });
  const cache = caches.get(store) ?? new Map<number, Promise<StateAt>>();
  caches.set(store, cache);
  const known = cache.get(at);
  if (known) return known;
  const asked = getJson<StateAt>(stateUrl(store, at));
  cache.set(at, asked);
  asked.catch(() => cache.delete(at));
  const oldest = cache.keys().next().value;
  if (cache.size > KEPT && oldest !== undefined) cache.delete(oldest);
  return asked;
}

/** The state a run began with. */
export async function initialState(store: RunStore): Promise<StateAt["state"]> {
  const created = store.record.events.find((event) => event.k === "run.created");
  return (await stateAt(store, created?.seq ?? 1)).state;
}

/** The states before and after the step that ended at `seq`. */
export interface StatePair {
  readonly before: StateAt;
  readonly after: StateAt;
}

export function useStatePair(store: RunStore, seq: number): Loading<StatePair> {
  const at = store.record.commitAt(seq);
  const [loaded, setLoaded] = useState<Loading<StatePair>>({ kind: "loading" });
  useEffect(() => {
    let gone = false;
    const timer = setTimeout(() => {
      Promise.all([stateAt(store, at - 1), stateAt(store, at)]).then(
        ([before, after]) => {
          if (!gone) setLoaded({ kind: "ready", value: { before, after } });
        },
        (error: Error) => {
          if (!gone) setLoaded({ kind: "failed", message: error.message });
        },
      );
    }, REST_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [store, at]);
  return loaded;
}
