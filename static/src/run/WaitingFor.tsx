import { useEffect, useState } from "react";
import { getJson } from "../live/http";
import type { GraphDocument } from "../model/document";
import { rich } from "../words/rich";
import { t, tp } from "../words/t";
import { addressOf } from "./boot";
import { statusWord } from "./statusWords";
import type { RunStore } from "./store";
import { titleOf } from "./words";

/** One thing that a run waits for, as the server explains it. */
export interface Reason {
  readonly what: string;
  readonly node: string | null;
  readonly text: string;
  /** The runs that have the places of its lane. */
  readonly runs?: readonly string[];
  /** The run of another workflow that works for the node. */
  readonly run?: string;
}

/** A run that moves on is asked about when it rests this long, in milliseconds. */
const REST_MS = 500;
const SILENT: ReadonlySet<string> = new Set(["completed", "cancelled"]);

interface WaitingProps {
  readonly store: RunStore;
  readonly document: GraphDocument;
  /** The step that is looked at: what it waits for comes first. */
  readonly node: string | null;
  readonly onNode: (node: string) => void;
}

/** What the run waits for now: its line, locks, retries, timers, people, joins, child runs. */
export function WaitingFor({ store, document, node, onNode }: WaitingProps) {
  const reasons = useReasons(store);
  if (reasons.length === 0) return null;
  const [mine, others] = split(reasons, node);
  return (
    <section className="rp-why">
      <h3>{t("What the run waits for")}</h3>
      <ul className="rp-why__list rp-waiting">
        {[...mine, ...others].map((reason) => (
          <li key={`${reason.what} ${reason.text}`} data-what={reason.what}>
            <span className="chip">{WORDS[reason.what] ?? statusWord(reason.what)}</span>
            <p>
              {reason.text}
              {reason.node !== null && reason.node !== node && (
                <>
                  {" "}
                  <ToNode document={document} node={reason.node} onNode={onNode} />
                </>
              )}
            </p>
            <RunLinks store={store} reason={reason} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Kinds of reasons as a reader calls them; the others are statuses. */
const WORDS: Readonly<Record<string, string>> = {
  attempt: tp("status", "running"),
  items: t("items"),
  limit: t("limit of runs"),
  queue: tp("runs that wait", "line"),
  human: t("person"),
  outcome: t("unknown outcome"),
  child: t("other run"),
  retry: t("retry"),
  lock: t("lock"),
  timer: t("timer"),
  signal: t("signal"),
  join: t("join"),
  ready: t("ready"),
};

function ToNode(props: { document: GraphDocument; node: string; onNode: (node: string) => void }) {
  const { document, node, onNode } = props;
  return (
    <button type="button" className="rp-link" onClick={() => onNode(node)}>
      {t("Show {step}", { step: titleOf(document, node) })}
    </button>
  );
}

function RunLinks({ store, reason }: { store: RunStore; reason: Reason }) {
  const runs = [...(reason.runs ?? []), ...(reason.run ? [reason.run] : [])];
  if (runs.length === 0) return null;
  return (
    <p className="rp-waiting__runs">
      {runs.slice(0, 5).map((run) => (
        <a key={run} href={addressOf(store.boot.urls.run, run)}>
          {rich(t("Run {id}"), { id: <code>{run.slice(-8)}</code> })}
        </a>
      ))}
    </p>
  );
}

function split(reasons: readonly Reason[], node: string | null) {
  const mine = reasons.filter((each) => node !== null && each.node === node);
  return [mine, reasons.filter((each) => !mine.includes(each))] as const;
}

/** The server's explanation of how the run stands now; empty while there is nothing to explain. */
function useReasons(store: RunStore): readonly Reason[] {
  const { seq, status } = store.record.head;
  const [reasons, setReasons] = useState<readonly Reason[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each event may change what is waited for
  useEffect(() => {
    if (SILENT.has(status)) {
      setReasons([]);
      return;
    }
    const gone = new AbortController();
    const timer = setTimeout(() => {
      const url = `${store.boot.urls.api}/runs/${store.boot.run.id}/explain`;
      getJson<{ reasons: readonly Reason[] }>(url, gone.signal)
        .then((told) => setReasons(told.reasons))
        .catch(() => setReasons([]));
    }, REST_MS);
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [store, seq, status]);
  return reasons;
}
