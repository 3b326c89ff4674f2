import { type ReactNode, useState } from "react";
import { postJson } from "../live/http";
import { momentWords } from "../live/moments";
import { ReasonedButton } from "../parts/ReasonedButton";
import { rich } from "../words/rich";
import { t } from "../words/t";
import { addressOf, type ParentRun, type RunItem } from "./boot";
import { ConfirmDialog } from "./ConfirmDialog";
import { downloadLogText, downloadRun } from "./download";
import { Icon } from "./Icon";
import { KeepButton } from "./KeepButton";
import { initialState } from "./runState";
import { StatusPill } from "./StatusIcon";
import { Steering } from "./Steering";
import { sourceWord } from "./sourceWords";
import type { RunStore } from "./store";
import { Took } from "./Took";
import { hasEnded, type RunView } from "./view";

interface HeaderProps {
  readonly store: RunStore;
  readonly view: RunView;
  /** The step that is looked at. */
  readonly node: string | null;
  readonly onProblem: (message: string | null) => void;
}

/** What run this is, how it stands, and what can be done with it. */
export function RunHeader({ store, view, node, onProblem }: HeaderProps) {
  const { run, urls } = store.boot;
  const [kept, setKept] = useState(run.kept);
  return (
    <header className="rp-head">
      <div className="rp-head__title">
        <nav className="crumbs" aria-label={t("Breadcrumb")}>
          {urls.workflow_edit && run.workflow ? (
            <a href={urls.workflow_edit}>{run.workflow.name}</a>
          ) : (
            <a href="/runs/">{t("Runs")}</a>
          )}
          {run.parent && <ParentLink parent={run.parent} pattern={urls.run} />}
        </nav>
        <h1>
          <span>{rich(t("Run {id}"), { id: <code title={run.id}>{shortId(run.id)}</code> })}</span>
          <StatusPill status={view.status} />
        </h1>
        <p className="rp-head__meta">
          <span>{run.version?.number ? `v${run.version.number}` : t("draft")}</span>
          <span>
            {run.trigger ? (
              <a href={`/triggers/${run.trigger.kind}s/${run.trigger.id}`}>
                {sourceWord(run.source)} {run.trigger.name}
              </a>
            ) : (
              sourceWord(run.source)
            )}
            {run.owner ? ` ${t("by {owner}", { owner: run.owner })}` : ""}
          </span>
          <time dateTime={run.created_at}>{momentWords(new Date(run.created_at))}</time>
          <Took view={view} run={run} />
          {run.tags.map((tag) => (
            <span key={tag} className="chip">
              {tag}
            </span>
          ))}
          {kept && <span className="chip">{t("kept")}</span>}
        </p>
      </div>
      <Actions store={store} view={view} node={node} onProblem={onProblem}>
        <KeepButton store={store} kept={kept} onKept={setKept} onProblem={onProblem} />
      </Actions>
    </header>
  );
}

/** The way back to the run that started this one. */
function ParentLink({ parent, pattern }: { parent: ParentRun; pattern: string }) {
  return (
    <>
      <Icon name="forward" />
      <a href={`${addressOf(pattern, parent.run)}?node=${encodeURIComponent(parent.node)}`}>
        {startedBy(parent)}
      </a>
    </>
  );
}

/** The editor opens at the step that is looked at here. */
const editorAt = (editor: string, node: string | null) =>
  node === null ? editor : `${editor}#node=${encodeURIComponent(node)}`;

function startedBy(parent: ParentRun): string {
  const told = { name: parent.workflow.name, run: shortId(parent.run), node: parent.node };
  return parent.item === null
    ? t("started by {name}, run {run} ({node})", told)
    : t("started by {name}, run {run} ({node}, item {item})", {
        ...told,
        item: String(parent.item),
      });
}

/** Statuses in which a run can be moved to another version. */
const RESTS: ReadonlySet<string> = new Set(["paused", "failed"]);

type ActionProps = HeaderProps & { readonly children: ReactNode };

function Actions({ store, view, node, onProblem, children }: ActionProps) {
  const [asking, setAsking] = useState(false);
  const { run, urls } = store.boot;
  const again = () => runAgain(store).catch((error: Error) => onProblem(error.message));
  const stopping = view.status === "cancelling";
  const { run: noRun, steer: noSteer } = store.boot.cannot ?? {};
  return (
    <div className="rp-head__actions">
      <Steering store={store} view={view} onProblem={onProblem} />
      {!hasEnded(view.status) && (
        <ReasonedButton
          className="button button--danger"
          disabled={stopping}
          why={noSteer}
          onClick={() => setAsking(true)}
        >
          <Icon name="stop" /> {stopping ? t("Stopping") : t("Stop")}
        </ReasonedButton>
      )}
      {RESTS.has(view.status) && !noSteer && (
        <a className="button" href={`${addressOf(urls.run, run.id)}/move`}>
          <Icon name="forward" /> {t("Move to a version")}
        </a>
      )}
      <ReasonedButton className="button" why={noRun} onClick={again}>
        <Icon name="again" /> {t("Run again")}
      </ReasonedButton>
      {children}
      <a className="button" href={`${addressOf(urls.run, run.id)}/compare`}>
        <Icon name="copy" /> {t("Compare")}
      </a>
      <DownloadMenu store={store} onProblem={onProblem} />
      {urls.review && run.source === "review" && (
        <a className="button" href={addressOf(urls.review, run.id)}>
          <Icon name="report" /> {t("Report")}
        </a>
      )}
      {urls.workflow_edit && (
        <a className="button button--primary" href={editorAt(urls.workflow_edit, node)}>
          <Icon name="pencil" /> {t("Edit workflow")}
        </a>
      )}
      {asking && (
        <ConfirmDialog
          title={t("Stop this run?")}
          action={t("Stop the run")}
          onClose={() => setAsking(false)}
          onConfirm={() => cancelRun(store)}
        >
          {t("Nothing new starts. What is finished stays recorded; a stopped run cannot go on.")}
        </ConfirmDialog>
      )}
    </div>
  );
}

function DownloadMenu({ store, onProblem }: Pick<HeaderProps, "store" | "onProblem">) {
  const whole = () => downloadRun(store).catch((error: Error) => onProblem(error.message));
  return (
    <details className="menu">
      <summary className="button">
        <Icon name="download" /> {t("Download")}
      </summary>
      <div className="menu__list">
        <button type="button" className="menu__item" onClick={whole}>
          {t("Whole run as JSON")}
        </button>
        <button type="button" className="menu__item" onClick={() => downloadLogText(store)}>
          {t("Log as text")}
        </button>
      </div>
    </details>
  );
}

async function cancelRun(store: RunStore): Promise<void> {
  const { run, urls } = store.boot;
  await postJson(`${urls.api}/runs/${run.id}/cancel`, { reason: "Stopped on the run page" });
}

/** Start the same version, or part of it, with the same state and go to the new run. */
async function runAgain(store: RunStore): Promise<void> {
  const { run, urls } = store.boot;
  const state = await initialState(store);
  const body = { version: run.version?.id, state, ...courseOf(store) };
  const started = await postJson<RunItem>(`${urls.api}/runs`, body);
  window.location.assign(addressOf(urls.run, started.id));
}

/** The nodes between which the run went, and the outputs that were pinned. */
function courseOf(store: RunStore): Record<string, unknown> {
  const data = store.record.events.find((event) => event.k === "run.created")?.data ?? {};
  // Large values are only named in the journal.
  const pinned = "$blobs" in data ? undefined : data.pinned;
  const course = { from: data.start, to: data.until, pinned };
  return Object.fromEntries(Object.entries(course).filter(([, value]) => value !== undefined));
}

function shortId(id: string): string {
  return id.length > 12 ? id.slice(-8) : id;
}
