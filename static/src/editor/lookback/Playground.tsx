import { type ReactElement, useEffect, useState } from "react";
import { Icon } from "../../canvas/icons";
import type { EdgeSpec } from "../../model/document";
import { decisionOf, kindOf } from "../../model/edges";
import { statusWord } from "../../run/statusWords";
import { brief as short } from "../../run/words";
import { t, tn, tp } from "../../words/t";
import { sentence } from "../api";
import { useSession } from "../hooks";
import type { Tried, TriedRun, Try, TryKind } from "./calls";
import { momentWords } from "./moments";
import { shortRun, useLookBack, useRunLookedAt } from "./useLookBack";

interface Props {
  readonly edge: EdgeSpec;
  /** Only the sentence, with a way to all of it. */
  readonly brief?: boolean;
}

/** What the condition of an edge gives for every visit of its node in the last 20 runs. */
export function Playground({ edge, brief = false }: Props): ReactElement | null {
  const session = useSession();
  const { tried, failed } = useTried(edge);
  const [only, setOnly] = useState<TryKind | null>(null);
  if (decisionOf(edge) !== "when" || !edge.when?.trim()) return null;
  if (failed) return brief ? null : <p className="field__help">{failed}</p>;
  // A mistake in the text is told at the field.
  if (!tried?.ok) return null;
  const { counts, runs } = tried;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (brief) {
    return total === 0 ? null : (
      <p className="playground__brief">
        <Counts counts={counts} /> {tn("in the last run", "in the last {count} runs", runs.length)}{" "}
        <button
          type="button"
          className="link-button"
          onClick={() => session.focusField("playground")}
        >
          {t("Show them")}
        </button>
      </p>
    );
  }
  return (
    <section
      className="playground"
      aria-label={t("The condition on the last runs")}
      data-field="playground"
    >
      <h3 className="playground__title">{runsTitle(runs.length)}</h3>
      {total === 0 ? (
        <p className="field__help">{nothingWords(edge, runs)}</p>
      ) : (
        <Filter counts={counts} only={only} onOnly={setOnly} />
      )}
      <ol className="playground__runs">
        {runs.map((run) => (
          <RunRow key={run.id} run={run} node={edge.from} only={only} />
        ))}
      </ol>
    </section>
  );
}

const AFTER_MS = 400;

/** The answer for the condition as it stands; the one before it stays until the new one is there. */
function useTried(edge: EdgeSpec): {
  readonly tried: Tried | null;
  readonly failed: string | null;
} {
  const { api } = useLookBack();
  const run = useRunLookedAt();
  const [found, setFound] = useState<{ tried: Tried | null; failed: string | null }>({
    tried: null,
    failed: null,
  });
  const { id, from, when = "" } = edge;
  const on = kindOf(edge);
  const wanted = decisionOf(edge) === "when" && when.trim() !== "";
  const seen = `${run?.id} ${run?.pulse}`;
  useEffect(() => {
    // `seen` tells of new runs.
    if (!wanted || !seen) return;
    let alive = true;
    const timer = setTimeout(() => {
      api.tryOut(when, { node: from, at: "after", edge: id, on }, null).then(
        (tried) => alive && setFound({ tried, failed: null }),
        (error: unknown) => alive && setFound({ tried: null, failed: sentence(error) }),
      );
    }, AFTER_MS);
    return () => {
      alive = false;
      clearTimeout(timer);
    };
  }, [api, id, from, on, when, wanted, seen]);
  return found;
}

const runsTitle = (count: number) =>
  count === 0 ? t("On no runs yet") : tn("On the last run", "On the last {count} runs", count);

function nothingWords(edge: EdgeSpec, runs: readonly TriedRun[]): string {
  if (runs.length === 0) return t("Run the workflow, and what the condition gives is shown here.");
  return t("None of them came from “{from}” to this choice.", { from: edge.from });
}

const KINDS: readonly (readonly [TryKind, string])[] = [
  ["true", t("true")],
  ["false", t("false")],
  ["error", tp("condition", "error")],
  ["other", t("neither true nor false")],
  ["unknown", t("not reached")],
];

type CountsOf = Tried["counts"];

/** "true in 14, false in 5, error in 1" */
function Counts({ counts }: { counts: CountsOf }): ReactElement {
  const told = KINDS.filter(([kind]) => counts[kind] > 0);
  return (
    <>
      {told.map(([kind, words], index) => (
        <span key={kind} className={`playground__count playground__count--${kind}`}>
          {t("{outcome} in {count}", { outcome: words, count: counts[kind] })}
          {index < told.length - 1 ? ", " : ""}
        </span>
      ))}
    </>
  );
}

interface FilterProps {
  readonly counts: CountsOf;
  readonly only: TryKind | null;
  readonly onOnly: (kind: TryKind | null) => void;
}

/** The counts, each a switch that shows only its visits. */
function Filter({ counts, only, onOnly }: FilterProps): ReactElement {
  return (
    <div
      className="playground__filter"
      role="group"
      aria-label={t("Show only visits where it was")}
    >
      {KINDS.filter(([kind]) => counts[kind] > 0).map(([kind, words]) => (
        <button
          key={kind}
          type="button"
          className={`playground__chip playground__chip--${kind}`}
          aria-pressed={only === kind}
          onClick={() => onOnly(only === kind ? null : kind)}
        >
          {t("{outcome} in {count}", { outcome: words, count: counts[kind] })}
        </button>
      ))}
    </div>
  );
}

function kindOfTry({ ok, value }: Try): TryKind {
  if (ok === null) return "unknown";
  if (!ok) return "error";
  return value === true ? "true" : value === false ? "false" : "other";
}

interface RunProps {
  readonly run: TriedRun;
  readonly node: string;
  readonly only: TryKind | null;
}

function RunRow({ run, node, only }: RunProps): ReactElement | null {
  const session = useSession();
  const visits = run.visits.filter((each) => only === null || kindOfTry(each) === only);
  if (visits.length === 0 && (only !== null || run.left_out === null)) return null;
  const page = session.boot.urls.run.replace("{id}", run.id);
  const hidden =
    run.first > 1 ? `, ${tn("the last visit", "the last {count} visits", run.visits.length)}` : "";
  return (
    <li className="playground__run">
      <p className="playground__head">
        <a href={page} target="_blank" rel="noreferrer">
          {t("Run {run}", { run: shortRun(run.id) })}
        </a>
        <span>
          {statusWord(run.status)}, {momentWords(run.created_at)}
          {hidden}
        </span>
      </p>
      <ul className="playground__visits">
        {visits.map((each) => (
          <VisitRow key={each.visit} page={page} node={node} one={each} />
        ))}
      </ul>
      {run.left_out && <p className="field__help">{t("Left out. {why}", { why: run.left_out })}</p>}
    </li>
  );
}

const WORDS: Readonly<Record<TryKind, string>> = {
  true: t("true"),
  false: t("false"),
  error: tp("condition", "error"),
  other: tp("condition", "odd"),
  unknown: tp("condition", "open"),
};

interface VisitProps {
  readonly page: string;
  readonly node: string;
  readonly one: Try;
}

function VisitRow({ page, node, one }: VisitProps): ReactElement {
  const kind = kindOfTry(one);
  const query = new URLSearchParams({ node, visit: String(one.visit), tab: "why" });
  return (
    <li className="playground__visit">
      <span className={`playground__mark playground__mark--${kind}`}>
        <Icon name={ICONS[kind]} size={12} />
        {WORDS[kind]}
      </span>
      <a href={`${page}?${query}`} target="_blank" rel="noreferrer">
        {t("visit {visit}", { visit: one.visit })}
      </a>
      <span className="playground__why">{whyWords(one, kind)}</span>
    </li>
  );
}

const ICONS = {
  true: "check",
  false: "minus",
  error: "warning",
  other: "warning",
  unknown: "more",
} as const;

/** The values it was worked out of, or what was wrong; and what the run did instead. */
function whyWords(one: Try, kind: TryKind): string {
  if (kind === "unknown") return t("did not come so far");
  const values = Object.entries(one.values).map(([name, value]) => `${name} = ${short(value, 24)}`);
  const told = kind === "error" ? (one.error?.message ?? "") : values.join(", ");
  const odd = kind === "other" ? `${t("gives {value}", { value: short(one.value, 24) })}; ` : "";
  const was =
    one.taken === null || one.taken === (kind === "true")
      ? ""
      : ` · ${one.taken ? t("was taken then") : t("was not taken then")}`;
  return `${odd}${told}${was}`;
}
