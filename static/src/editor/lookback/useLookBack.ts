/** The run that the editor looks back at: the last one, the one on the canvas, or one that was chosen. */
import { useEffect, useState, useSyncExternalStore } from "react";
import { sentence } from "../api";
import { useEditor, useSession } from "../hooks";
import type { Session } from "../session";
import { Store } from "../store";
import { LookBackApi, type RunBrief, type Values, type VisitAnswer } from "./calls";

interface State {
  /** Null while they have not been read. */
  readonly runs: readonly RunBrief[] | null;
  readonly chosen: string | null;
}

/** So many answers are remembered. */
const KEPT = 64;

/** One for each open editor. */
export class LookBack {
  readonly api: LookBackApi;
  readonly store = new Store<State>({ runs: null, chosen: null });
  readonly #visits = new Map<string, Promise<VisitAnswer>>();
  readonly #states = new Map<string, Promise<Values>>();
  #reading: Promise<void> | null = null;
  #followed: string | null = null;

  constructor(session: Session) {
    this.api = new LookBackApi(session.boot.urls.api, session.boot.workflow.id);
  }

  /** Read the list of runs, once; again with `anew`. */
  read(anew = false): void {
    if (this.#reading && !anew) return;
    this.#reading = this.api.runs().then(
      (runs) => this.store.set({ runs }),
      () => {
        // Without the list nothing is shown of past runs; the next look asks again.
        this.#reading = null;
      },
    );
  }

  /** A run is on the canvas now, or none: one that was just started is the newest. */
  follow(run: string | null): void {
    if (run === this.#followed) return;
    this.#followed = run;
    this.choose(null);
    if (run !== null) this.read(true);
  }

  choose(run: string | null): void {
    this.store.set({ chosen: run });
  }

  /** @param pulse changes while the run goes on, so that what was read is read anew */
  visit(run: string, node: string, number: number | null, pulse: string): Promise<VisitAnswer> {
    const key = [run, node, number, pulse].join(" ");
    return kept(this.#visits, key, () => this.api.visit(run, node, number));
  }

  state(run: string, pulse: string): Promise<Values> {
    return kept(this.#states, `${run} ${pulse}`, () => this.api.state(run));
  }
}

/** The answer of an earlier call with this key, or a new one. A failure is not kept. */
function kept<T>(cache: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known) return known;
  const asked = ask();
  asked.catch(() => cache.delete(key));
  cache.set(key, asked);
  const [oldest] = cache.keys();
  if (cache.size > KEPT && oldest !== undefined) cache.delete(oldest);
  return asked;
}

const ofSession = new WeakMap<Session, LookBack>();

export function useLookBack(): LookBack {
  const session = useSession();
  const known = ofSession.get(session);
  if (known) return known;
  const made = new LookBack(session);
  ofSession.set(session, made);
  return made;
}

/** The run that is looked at, with a word that changes while it goes on; null when there is none. */
export function useRunLookedAt(): { readonly id: string; readonly pulse: string } | null {
  const lookBack = useLookBack();
  const { runs, chosen } = useSyncExternalStore(lookBack.store.subscribe, lookBack.store.get);
  const shown = useEditor((state) => state.run?.id ?? null);
  const pulse = useEditor((state) =>
    state.run ? `${state.run.view.status} ${state.run.view.steps}` : "",
  );
  useEffect(() => lookBack.read(), [lookBack]);
  useEffect(() => lookBack.follow(shown), [lookBack, shown]);
  const id = chosen ?? shown ?? runs?.[0]?.id ?? null;
  return id === null ? null : { id, pulse: id === shown ? pulse : "" };
}

export interface Looked {
  readonly run: string | null;
  /** Null while it is read, and where there is no run. */
  readonly answer: VisitAnswer | null;
  readonly failed: string | null;
}

/** A visit of a node in the run that is looked at: the last one, or that of this number. */
export function useVisit(node: string | null, number: number | null = null): Looked {
  const lookBack = useLookBack();
  const run = useRunLookedAt();
  const [looked, setLooked] = useState<Looked>({ run: null, answer: null, failed: null });
  const { id, pulse } = run ?? { id: null, pulse: "" };
  useEffect(() => {
    let alive = true;
    if (node === null || id === null) return;
    lookBack.visit(id, node, number, pulse).then(
      (answer) => alive && setLooked({ run: id, answer, failed: null }),
      (error: unknown) => alive && setLooked({ run: id, answer: null, failed: sentence(error) }),
    );
    return () => {
      alive = false;
    };
  }, [lookBack, node, number, id, pulse]);
  const current = looked.run === id && (looked.answer === null || looked.answer.node === node);
  return current ? looked : { run: id, answer: null, failed: null };
}

/** The state that a run ended with, or stands at; null while it is not known or not wanted. */
export function useFinalState(wanted: boolean): Values | null {
  const lookBack = useLookBack();
  const run = useRunLookedAt();
  const [found, setFound] = useState<{ readonly run: string; readonly state: Values } | null>(null);
  const { id, pulse } = run ?? { id: null, pulse: "" };
  useEffect(() => {
    let alive = true;
    if (!wanted || id === null) return;
    lookBack.state(id, pulse).then(
      (state) => alive && setFound({ run: id, state }),
      // Nothing is known then, and nothing is shown.
      () => undefined,
    );
    return () => {
      alive = false;
    };
  }, [lookBack, wanted, id, pulse]);
  return wanted && found?.run === id ? found.state : null;
}

/** A run by the end of its id, as people tell it from others. */
export const shortRun = (id: string): string => `…${id.slice(-8)}`;
