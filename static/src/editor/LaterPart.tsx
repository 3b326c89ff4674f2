import {
  type ComponentProps,
  createElement,
  type FunctionComponent,
  useEffect,
  useSyncExternalStore,
} from "react";
import { ignore, laterFile } from "../parts/laterFile";
import { Guard } from "./Guard";

type Parts = typeof import("./later");
type Components = {
  [K in keyof Parts as Parts[K] extends FunctionComponent<never> ? K : never]: Parts[K];
};

type LaterProps<K extends keyof Components> = { readonly part: K } & ComponentProps<Components[K]>;

// A function of its own: `build/laterFile.ts` knows it by how it is bundled.
const file = laterFile<Parts>(() => import("./later"));

/** The file of `later.ts`, loaded once. */
export const loadLater = file.load;
export const loadLaterWhenIdle = file.loadWhenIdle;

/** A component of `later.ts` with its own properties: shows nothing until the file is there. */
export function Later<K extends keyof Components>({ part, ...props }: LaterProps<K>) {
  const parts = useSyncExternalStore(file.watch, file.parts);
  useEffect(() => void loadLater().catch(ignore), []);
  return parts && <Guard>{createElement(parts[part] as FunctionComponent<object>, props)}</Guard>;
}

/** Whether the file is there, on its way, or could not be loaded. */
export const useLater = () => useSyncExternalStore(file.watch, file.state);
