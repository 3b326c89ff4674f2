import {
  createContext,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { Session } from "./session";
import type { EditorState } from "./state";

const SessionContext = createContext<Session | null>(null);
export const SessionProvider = SessionContext.Provider;

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("Parts of the editor live inside its session.");
  return session;
}

/** One part of the editor's state; the component renders again when that part changes. */
export function useEditor<T>(pick: (state: EditorState) => T): T {
  const { store } = useSession();
  return useSyncExternalStore(store.subscribe, () => pick(store.get()));
}

/** Call `close` when the pointer goes down outside of the element. */
export function useOutside(close: () => void): { current: HTMLDivElement | null } {
  const ref = useRef<HTMLDivElement>(null);
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const onDown = (event: PointerEvent) => {
      if (!ref.current?.contains(event.target as Node)) latest.current();
    };
    document.addEventListener("pointerdown", onDown, true);
    return () => document.removeEventListener("pointerdown", onDown, true);
  }, []);
  return ref;
}

/** Gives the keyboard to a field that the next render brings. */
export function useFocusNext(): (id: string) => void {
  const [next, setNext] = useState<string | null>(null);
  useEffect(() => {
    if (next === null) return;
    document.getElementById(next)?.focus();
    setNext(null);
  }, [next]);
  return setNext;
}

let fields = 0;

/** An id that differs for each mounted field, for labels. */
export function useFieldId(name: string): string {
  const [id] = useState(() => {
    fields += 1;
    return `${name.replace(/[^\w-]/g, "_")}-${fields}`;
  });
  return id;
}
