import {
  createContext,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { Checked } from "./api";
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

const CHECK_AFTER = 250;
const answers = new Map<string, Checked>();

/** The server's word on an expression, shortly after the last letter; null while it is not known. */
export function useChecked(source: string): Checked | null {
  const { api } = useSession();
  const [, setTurn] = useState(0);
  const wanted = source.trim() ? source : null;
  useEffect(() => {
    if (wanted === null || answers.has(wanted)) return;
    let alive = true;
    const timer = setTimeout(() => {
      api.check(wanted).then(
        (answer) => {
          answers.set(wanted, answer);
          if (alive) setTurn((turn) => turn + 1);
        },
        // No answer is no verdict: the draft's own problems name the mistake after the next save.
        () => undefined,
      );
    }, CHECK_AFTER);
    return () => {
      alive = false;
      clearTimeout(timer);
    };
  }, [api, wanted]);
  return wanted === null ? null : (answers.get(wanted) ?? null);
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
