/** What the server says of an expression shortly after the last letter. */
import { useEffect, useState } from "react";
import type { Json } from "../../model/document";
import type { ExpressionProblem } from "../api";
import type { LookBackApi, Place } from "../lookback/calls";
import { useFinalState, useLookBack, useRunLookedAt, useVisit } from "../lookback/useLookBack";

export interface Verdict {
  /** The text is no expression. */
  readonly mistake: ExpressionProblem | null;
  /** What it gave in the run that is looked at; null where no run tells. */
  readonly last: Last | null;
  /** The server gave no answer. */
  readonly missing?: boolean;
}

export interface Last {
  readonly run: string;
  /** The visit of the node; null: on the state that the run ended with. */
  readonly visit: number | null;
  readonly value?: Json;
  readonly error?: ExpressionProblem;
}

const AFTER_MS = 250;
const LARGEST = 64_000;
const GOOD: Verdict = { mistake: null, last: null };
const MISSING: Verdict = { ...GOOD, missing: true };
const answers = new Map<string, Verdict>();

/** Null while it is not known. */
export function useVerdict(source: string, place: Place | null): Verdict | null {
  const { api } = useLookBack();
  const run = useRunLookedAt();
  const looked = useVisit(place?.node ?? null);
  const strange = looked.answer !== null && looked.answer.visit === null;
  const final = useFinalState(place !== null && strange);
  const [, setTurn] = useState(0);
  const [unanswered, setUnanswered] = useState<string | null>(null);
  const waiting = place !== null && run !== null && !looked.answer && !looked.failed;
  const key = keyOf(source, place, run, strange, final !== null);
  useEffect(() => {
    if (key === null || waiting || answers.has(key)) return;
    let alive = true;
    const timer = setTimeout(() => {
      ask(api, source, place, run?.id ?? null, strange ? final : null).then(
        (answer) => {
          answers.set(key, answer);
          if (alive) setTurn((turn) => turn + 1);
        },
        // The draft's own problems name the mistake, as far as they know it.
        () => alive && setUnanswered(key),
      );
    }, AFTER_MS);
    return () => {
      alive = false;
      clearTimeout(timer);
    };
  }, [api, key, source, place, run?.id, strange, final, waiting]);
  if (key === null) return null;
  return answers.get(key) ?? (key === unanswered ? MISSING : null);
}

function keyOf(
  source: string,
  place: Place | null,
  run: { readonly id: string; readonly pulse: string } | null,
  strange: boolean,
  final: boolean,
): string | null {
  if (!source.trim()) return null;
  const { node, at } = place ?? {};
  return JSON.stringify([source, node, at, run?.id, run?.pulse, strange, final]);
}

async function ask(
  api: LookBackApi,
  source: string,
  place: Place | null,
  run: string | null,
  final: Readonly<Record<string, Json>> | null,
): Promise<Verdict> {
  if (place === null || run === null) return read(api, source);
  if (final !== null) return onFinal(api, source, run, final);
  const { node, at } = place;
  const told = await api.tryOut(source, { node, at }, run);
  if (!told.ok && told.error) return { mistake: told.error, last: null };
  const last = told.runs[0]?.visits.at(-1);
  if (!last || last.ok === null) return GOOD;
  const { visit, value, error } = last;
  return { mistake: null, last: { run, visit, ...(error ? { error } : { value: value ?? null }) } };
}

async function read(api: LookBackApi, source: string): Promise<Verdict> {
  const told = await api.read(source);
  return told.ok ? GOOD : { mistake: told.error, last: null };
}

/** A step that the last run never came to: on the state which that run ended with. */
async function onFinal(
  api: LookBackApi,
  source: string,
  run: string,
  state: Readonly<Record<string, Json>>,
): Promise<Verdict> {
  const verdict = await read(api, source);
  if (verdict.mistake || JSON.stringify(state).length > LARGEST) return verdict;
  const told = await api.on(source, state);
  // What it reads may be written by the steps in between: an error there says nothing.
  return told.ok ? { mistake: null, last: { run, visit: null, value: told.value } } : verdict;
}
