/** A page's file that comes after its first screen: loaded once, and asked for again after a failure. */
import { whenIdle } from "../canvas/idle";

export interface LaterFile<Parts> {
  /** Rejects when it cannot be had; the next call tries again. */
  readonly load: () => Promise<Parts>;
  /** As soon as nothing else is to do, so that it is there when the server is gone. */
  readonly loadWhenIdle: () => void;
  readonly watch: (watcher: () => void) => () => void;
  /** What it holds, once it is there. */
  readonly parts: () => Parts | null;
  readonly state: () => "loaded" | "loading" | "failed";
}

export function laterFile<Parts>(fetch: () => Promise<Parts>): LaterFile<Parts> {
  const watchers = new Set<() => void>();
  let parts: Parts | null = null;
  let failed = false;
  let loading: Promise<Parts> | null = null;
  const tell = () => {
    for (const watcher of watchers) watcher();
  };
  const load = () => {
    loading ??= fetch().then(
      (got) => {
        parts = got;
        failed = false;
        tell();
        return got;
      },
      (error: unknown) => {
        loading = null;
        failed = true;
        tell();
        throw error;
      },
    );
    return loading;
  };
  return {
    load,
    loadWhenIdle: () => whenIdle(() => void load().catch(ignore), 2000),
    watch: (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    parts: () => parts,
    state: () => (parts ? "loaded" : failed ? "failed" : "loading"),
  };
}

/** Whoever watches is told of it; there is nobody else to tell. */
export function ignore(): void {}
