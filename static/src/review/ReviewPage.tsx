import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { momentWords } from "../live/moments";
import { linkNotice } from "../live/state";
import { addressOf } from "../run/boot";
import { Icon } from "../run/Icon";
import { StatusPill } from "../run/StatusIcon";
import { statusWord } from "../run/statusWords";
import { hasEnded, type RunView } from "../run/view";
import { duration } from "../run/words";
import { rich } from "../words/rich";
import { t } from "../words/t";
import { CodePanel, type Place } from "./CodePanel";
import { FindingsPanel } from "./FindingsPanel";
import { FunctionsPanel } from "./FunctionsPanel";
import { PassesPanel } from "./PassesPanel";
import { FixedCode, RemainingPanel } from "./RemainingPanel";
import type { Report } from "./report";
import { ScorePanel } from "./ScorePanel";
import type { ReviewData, ReviewStore } from "./store";

/** A review while it runs and after: score, findings in the code, passes, what remains. */
export function ReviewPage({ store }: { store: ReviewStore }) {
  const data = useSyncExternalStore(store.subscribe, store.data);
  const { view } = data;
  const open = !hasEnded(view.status);
  // A completed run has a report; until it is here the page shows what it knows as unfinished.
  const running = !data.final && (open || view.status === "completed");
  useEffect(() => {
    window.document.title = t("Review: {status} · Treadle", { status: statusWord(view.status) });
  }, [view.status]);
  return (
    <>
      <Head store={store} data={data} />
      <Notices data={data} />
      {data.report && <Body store={store} data={data} report={data.report} running={running} />}
      {!data.report && !data.view.error && (
        <section className="panel">
          <p className="rp-empty rv-wait" role="status">
            {WAITING[view.status] ?? t("Reading the review…")}
          </p>
        </section>
      )}
    </>
  );
}

const WAITING: Readonly<Record<string, string>> = {
  queued: t("Waiting for its turn."),
  running: t("The review is at work."),
  cancelled: t("The review was stopped before a report was written."),
};

function Head({ store, data }: { store: ReviewStore; data: ReviewData }) {
  const { run, urls } = store;
  const took = tookMs(data.view, run.duration_ms);
  return (
    <div className="page-head">
      <div className="page-head__title">
        <nav className="crumbs" aria-label={t("Breadcrumb")}>
          <a href="/review/">{t("Review")}</a>
        </nav>
        <h1 className="rv-title" tabIndex={-1}>
          <span>{rich(t("Review {id}"), { id: <code>{run.id.slice(-8)}</code> })}</span>
          <StatusPill status={data.view.status} />
        </h1>
        <p className="page-head__meta">
          <time dateTime={run.created_at}>{momentWords(new Date(run.created_at))}</time>
          {took !== null && <span className="number">{duration(took)}</span>}
          {run.owner && <span>{t("by {owner}", { owner: run.owner })}</span>}
        </p>
      </div>
      <div className="page-head__actions">
        <FixedCode id={run.id} texts={data.texts} patch={data.patch} />
        <a className="button" href={addressOf(urls.run, run.id)}>
          <Icon name="map" /> {t("See the run")}
        </a>
        <a className="button" href={`${urls.api}/reviews/${run.id}`}>
          <Icon name="out" /> JSON
        </a>
        <a className="button button--primary" href="/review/">
          <Icon name="plus" /> {t("New review")}
        </a>
      </div>
    </div>
  );
}

function Notices({ data }: { data: ReviewData }) {
  const link = linkNotice(data.link);
  const { error } = data.view;
  return (
    <>
      {error && (
        <div className="notice notice--error" role="alert">
          <Icon name="warning" />
          <div className="notice__body">
            <p className="notice__title">
              {error.node
                ? t("Step “{node}” failed", { node: error.node })
                : t("The review failed")}{" "}
              <code className="chip chip--error">{error.code}</code>
            </p>
            <p>{error.message}</p>
          </div>
        </div>
      )}
      {[link, data.problem].map(
        (words) =>
          words && (
            <div key={words} className="notice notice--warning" role="status">
              <Icon name="info" />
              <p className="notice__body">{words}</p>
            </div>
          ),
      )}
    </>
  );
}

interface BodyProps {
  readonly store: ReviewStore;
  readonly data: ReviewData;
  readonly report: Report;
  readonly running: boolean;
}

function Body({ store, data, report, running }: BodyProps) {
  const [wanted, setWanted] = useState<string | null>(null);
  const [place, setPlace] = useState<Place | null>(null);
  const [current, setCurrent] = useState<string | null>(null);
  const { texts } = data;
  const path = wanted !== null && texts.has(wanted) ? wanted : firstPath(data);
  const doing = useMemo(() => doingWords(data.view), [data.view]);
  const many = report.files.length > 1;

  function show(at: { readonly path: string; readonly line: number | null }) {
    setWanted(at.path);
    setPlace((old) => ({ path: at.path, line: at.line ?? 1, turn: (old?.turn ?? 0) + 1 }));
  }

  return (
    <>
      <ScorePanel report={report} running={running} doing={doing} />
      {report.limits.length > 0 && (
        <div className="notice notice--warning">
          <Icon name="warning" />
          <div className="notice__body">
            <p className="notice__title">{t("Limits were reached")}</p>
            <ul className="notice__list">
              {report.limits.map((limit) => (
                <li key={limit}>{limit}</li>
              ))}
            </ul>
          </div>
        </div>
      )}
      <div className="rv-pair">
        <CodePanel
          url={store.urls.code}
          texts={texts}
          findings={report.findings}
          path={path}
          place={place}
          onPath={(chosen) => setWanted(chosen)}
        />
        <FindingsPanel
          report={report}
          running={running}
          current={current}
          onPick={(finding) => {
            setCurrent(finding.id);
            show(finding);
          }}
        />
      </div>
      <PassesPanel url={store.urls.code} report={report} versions={data.versions} />
      <FunctionsPanel functions={report.functions} many={many} onPick={show} />
      {!running && <RemainingPanel report={report} onPick={show} />}
    </>
  );
}

/** The file with the first finding, else the first file. */
function firstPath(data: ReviewData): string | null {
  const found = data.report?.findings.find((each) => data.texts.has(each.path))?.path;
  return found ?? data.texts.keys().next().value ?? null;
}

/** The steps that run now, by name. */
function doingWords(view: RunView): string {
  const running = Object.keys(view.nodes).filter((id) => view.nodes.get(id)?.status === "running");
  if (view.status === "completed") return t("Reading the report");
  if (running.length === 0) return t("Waiting for its turn");
  return t("Now: {steps}", { steps: running.map((id) => id.replaceAll("_", " ")).join(", ") });
}

function tookMs(view: RunView, known: number | null): number | null {
  if (view.startedAt === null || view.endedAt === null) return known;
  return Date.parse(view.endedAt) - Date.parse(view.startedAt);
}
