import {
  type ComponentProps,
  createElement,
  type FunctionComponent,
  useEffect,
  useSyncExternalStore,
} from "react";
import { whenIdle } from "../canvas/idle";
import { Guard } from "./Guard";
import { Store } from "./store";

type Parts = typeof import("./later");
type Components = {
  [K in keyof Parts as Parts[K] extends FunctionComponent<never> ? K : never]: Parts[K];
};

type LaterProps<K extends keyof Components> = { readonly part: K } & ComponentProps<Components[K]>;

const file = new Store<{ readonly parts: Parts | null; readonly failed: boolean }>({
  parts: null,
  failed: false,
});
// A function of its own: `build/laterFile.ts` knows it by how it is bundled.
const fetchLater = () => import("./later");
let loading: Promise<Parts> | null = null;

/** The file of `later.ts`, loaded once. Rejects when it cannot be had; the next call tries again. */
export function loadLater(): Promise<Parts> {
  loading ??= fetchLater().then(
    (parts) => {
      file.set({ parts, failed: false });
      return parts;
    },
    (error: unknown) => {
      loading = null;
      file.set({ failed: true });
      throw error;
    },
  );
  return loading;
}

/** Load it as soon as nothing else is to do, so that it is there when the server is gone. */
export function loadLaterWhenIdle(): void {
  whenIdle(() => void loadLater().catch(ignore), 2000);
}

/** A component of `later.ts` with its own properties: shows nothing until the file is there. */
export function Later<K extends keyof Components>({ part, ...props }: LaterProps<K>) {
  const { parts } = useSyncExternalStore(file.subscribe, file.get);
  useEffect(() => void loadLater().catch(ignore), []);
  return parts && <Guard>{createElement(parts[part] as FunctionComponent<object>, props)}</Guard>;
}

/** Whether the file is there, on its way, or could not be loaded. */
export function useLater(): "loaded" | "loading" | "failed" {
  return useSyncExternalStore(file.subscribe, () => {
    const { parts, failed } = file.get();
    return parts ? "loaded" : failed ? "failed" : "loading";
  });
}

/** `useLater` tells of it; there is nobody else to tell. */
function ignore(): void {}
