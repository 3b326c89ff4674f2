import {
  type ComponentProps,
  createElement,
  type FunctionComponent,
  useEffect,
  useSyncExternalStore,
} from "react";
import { ignore, laterFile } from "../parts/laterFile";
import { t } from "../words/t";

type Parts = typeof import("./later");
type LaterProps<K extends keyof Parts> = { readonly part: K } & ComponentProps<Parts[K]>;

// A function of its own: `build/laterFile.ts` knows it by how it is bundled.
const file = laterFile<Parts>(() => import("./later"));

export const loadLaterWhenIdle = file.loadWhenIdle;

/** A component of `later.ts` with its own properties: shows nothing until the file is there. */
export function Later<K extends keyof Parts>({ part, ...props }: LaterProps<K>) {
  const parts = useSyncExternalStore(file.watch, file.parts);
  const failed = useSyncExternalStore(file.watch, file.state) === "failed";
  const load = () => void file.load().catch(ignore);
  useEffect(load, []);
  if (parts) return createElement(parts[part] as FunctionComponent<object>, props);
  if (!failed) return null;
  return (
    <div className="rp-empty" role="alert">
      <p>{t("This part of the page could not be loaded.")}</p>
      <button type="button" className="button button--small" onClick={load}>
        {t("Try again")}
      </button>
    </div>
  );
}
