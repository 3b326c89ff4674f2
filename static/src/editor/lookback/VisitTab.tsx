import {
  type ReactElement,
  type ReactNode,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { Icon } from "../../canvas/icons";
import type { RunEvent } from "../../live/events";
import { isObject, type Json } from "../../model/document";
import * as edits from "../../model/edits";
import { toLiteral } from "../../model/literal";
import { JsonTree } from "../../run/JsonTree";
import { rowsOf } from "../../run/logLines";
import { Names } from "../../run/names";
import { statusWord } from "../../run/statusWords";
import { clock } from "../../run/words";
import { t, tn, tp } from "../../words/t";
import { sentence } from "../api";
import { useEditor, useFieldId, useSession } from "../hooks";
import { askToRun } from "../running";
import type { GivenInput, RunBrief, Values, Visit, VisitAnswer } from "./calls";
import { MOST_EVENTS } from "./calls";
import { momentWords } from "./moments";
import type { NodeTab } from "./tabs";
import { shortRun, useLookBack, useRunLookedAt, useVisit } from "./useLookBack";

interface Props {
  readonly id: string;
  readonly tab: Exclude<NodeTab, "settings">;
}

/** What a step was given, gave or said at one of its visits, in the last run or another one. */
export function VisitTab({ id, tab }: Props): ReactElement {
  const [number, setNumber] = useState<number | null>(null);
  const looked = useVisit(id, number);
  const { run, answer, failed } = looked;
  const runs = useRuns();
  if (run === null) return runs === null ? <Waiting /> : <NoRun />;
  return (
    <div className="visit">
      <header className="visit__head">
        <RunChoice runs={runs ?? []} run={run} onChoose={() => setNumber(null)} />
        {answer && <Visits answer={answer} onChoose={setNumber} />}
      </header>
      {failed && (
        <p className="notice notice--error" role="alert">
          <span className="notice__body">{failed}</span>
        </p>
      )}
      {!answer && !failed && <Waiting />}
      {answer && !answer.visit && (
        <p className="visit__none">{t("“{id}” was not reached in this run.", { id })}</p>
      )}
      {answer?.visit && <VisitPart id={id} tab={tab} run={run} visit={answer.visit} />}
    </div>
  );
}

function VisitPart({ id, tab, run, visit }: Props & { run: string; visit: Visit }): ReactElement {
  if (tab === "input") return <Input id={id} run={run} visit={visit} />;
  if (tab === "output") return <Output run={run} visit={visit} />;
  return <Log key={`${run} ${visit.number}`} id={id} run={run} visit={visit} />;
}

const Waiting = () => <p className="visit__none">{t("Reading…")}</p>;

function NoRun(): ReactElement {
  const session = useSession();
  return (
    <div className="visit__none">
      <p>
        {t(
          "No run yet. Once the workflow has run, what this step was given and gave is shown here.",
        )}
      </p>
      {session.canEdit && (
        <button type="button" className="button button--small" onClick={() => askToRun(session)}>
          <Icon name="run" size={12} /> {t("Run the draft")}
        </button>
      )}
    </div>
  );
}

// Which run, which visit --------------------------------------------------------------------------

function useRuns(): readonly RunBrief[] | null {
  const { store } = useLookBack();
  useRunLookedAt();
  return useSyncExternalStore(store.subscribe, () => store.get().runs);
}

interface RunChoiceProps {
  readonly runs: readonly RunBrief[];
  readonly run: string;
  readonly onChoose: () => void;
}

function RunChoice({ runs, run, onChoose }: RunChoiceProps): ReactElement {
  const lookBack = useLookBack();
  const session = useSession();
  const id = useFieldId("run");
  const known = runs.some((each) => each.id === run);
  return (
    <div className="visit__run">
      <label className="visually-hidden" htmlFor={id}>
        {t("Run")}
      </label>
      <select
        id={id}
        className="select"
        value={run}
        onChange={(event) => {
          lookBack.choose(event.target.value);
          onChoose();
        }}
      >
        {!known && <option value={run}>{t("{run}, on the canvas", { run: shortRun(run) })}</option>}
        {runs.map((each) => (
          <option key={each.id} value={each.id}>
            {shortRun(each.id)} · {statusWord(each.status)} · {momentWords(each.created_at)}
          </option>
        ))}
      </select>
      <a
        className="button button--quiet button--icon button--small"
        href={session.boot.urls.run.replace("{id}", run)}
        target="_blank"
        rel="noreferrer"
        aria-label={t("Open the run")}
        title={t("Open the run")}
      >
        <Icon name="external" size={14} />
      </a>
    </div>
  );
}

/** One visit after the other, where a loop brought the run here more than once. */
function Visits(props: {
  answer: VisitAnswer;
  onChoose: (number: number) => void;
}): ReactElement | null {
  const { first, visits, visit } = props.answer;
  const current = visit?.number ?? visits;
  if (visits < 2) return null;
  const step = (by: number, words: string, off: boolean) => (
    <button
      type="button"
      className="button button--quiet button--icon button--small"
      aria-label={words}
      disabled={off}
      onClick={() => props.onChoose(current + by)}
    >
      <Icon name="chevronRight" size={14} />
    </button>
  );
  return (
    <div className="visit__rounds" role="group" aria-label={t("Visit")}>
      <span className="visit__back">{step(-1, t("The visit before"), current <= first)}</span>
      <span className="visit__number" aria-live="polite">
        {t("{n} of {total}", { n: current, total: visits })}
      </span>
      {step(1, t("The visit after"), current >= visits)}
    </div>
  );
}

// Input -------------------------------------------------------------------------------------------

function Input({ id, run, visit }: { id: string; run: string; visit: Visit }): ReactElement {
  const session = useSession();
  const spec = useEditor((state) => state.document.nodes[id]);
  const body = spec?.type === "map";
  return (
    <>
      {visit.inputs.length > 0 && (
        <section className="visit__part">
          <h3 className="visit__title">{body ? t("Inputs of the first item") : t("Inputs")}</h3>
          <dl className="visit__inputs">
            {visit.inputs.map((input) => (
              <Given key={input.name} id={id} input={input} body={body} />
            ))}
          </dl>
          {session.canEdit && (
            <button
              type="button"
              className="button button--small"
              title={t("A test run of this step alone, on the state it found")}
              onClick={() => askToRun(session, "only")}
            >
              <Icon name="run" size={12} /> {t("Run it on this input")}
            </button>
          )}
        </section>
      )}
      <StatePart
        title={t("The state it found")}
        values={visit.before}
        run={run}
        seq={visit.began - 1}
      />
    </>
  );
}

function Given(props: { id: string; input: GivenInput; body: boolean }): ReactElement {
  const { id, input, body } = props;
  const session = useSession();
  const { name, source } = input;
  const path = [...(body ? ["body"] : []), "inputs", name];
  const literal = input.ok ? literalOf(input.value) : null;
  const keeps = session.canEdit && literal !== null && literal !== source;
  return (
    <div className="visit__input">
      <dt>
        {name}
        <code className="visit__source">{source ?? t("from the state")}</code>
      </dt>
      <dd>
        {input.ok ? (
          <JsonTree value={input.value} label={name} open={1} />
        ) : (
          <span className="field__error">
            <Icon name="warning" size={12} /> {input.error.message}
          </span>
        )}
        {keeps && (
          <button
            type="button"
            className="link-button visit__keep"
            aria-label={t("Keep this value for {name}", { name })}
            title={t("Write this value into the settings, in place of what is there")}
            onClick={() =>
              session.edit(
                edits.setNodePath(id, path, literal),
                t("{name} keeps its last value", { name }),
              )
            }
          >
            {t("Keep this value")}
          </button>
        )}
      </dd>
    </div>
  );
}

const LONGEST = 4_000;

/** The value as an expression, if that is not too long to be one. */
function literalOf(value: Json): string | null {
  const text = toLiteral(value);
  return text.length <= LONGEST ? text : null;
}

// Output ------------------------------------------------------------------------------------------

function Output({ run, visit }: { run: string; visit: Visit }): ReactElement {
  const told = Object.entries(visit.names);
  return (
    <>
      {visit.error && (
        <p className="notice notice--error">
          <span className="notice__body">
            {visit.error.code && <strong>{visit.error.code}</strong>} {visit.error.message}
          </span>
        </p>
      )}
      {visit.ended === null && !visit.error && (
        <p className="visit__none">
          {t("It has not ended yet: it is {status}.", { status: statusWord(visit.status) })}
        </p>
      )}
      {told.map(([name, value]) => (
        <section className="visit__part" key={name}>
          <h3 className="visit__title">
            {capital(name)}
            {!visit.whole && (
              <span className="visit__note">{t("as far as it was written down")}</span>
            )}
          </h3>
          <Tree value={value} label={name} />
        </section>
      ))}
      {visit.ended !== null && (
        <section className="visit__part">
          <h3 className="visit__title">{t("Written into the state")}</h3>
          {visit.ops.length === 0 && <p className="visit__none">{t("Nothing.")}</p>}
          <ul className="visit__ops">
            {visit.ops.map(([op, key, value], index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: writes of one visit never move
              <li key={index}>
                <code className="visit__key">{key}</code>{" "}
                <span className="visit__note">{VERBS[op] ?? op}</span>
                {op !== "del" && <Tree value={value ?? null} label={key} />}
              </li>
            ))}
          </ul>
        </section>
      )}
      {visit.after && (
        <StatePart
          title={t("The state it left")}
          values={visit.after}
          run={run}
          seq={visit.ended ?? 0}
        />
      )}
    </>
  );
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

const VERBS: Readonly<Record<string, string>> = {
  set: tp("state", "set"),
  red: tp("state", "joined into"),
  over: tp("state", "replaced"),
  del: tp("change", "removed"),
};

const Tree = ({ value, label }: { value: Json; label: string }) => (
  <div className="visit__value">
    <JsonTree value={value} label={label} open={1} />
  </div>
);

interface StateProps {
  readonly title: string;
  readonly values: Values;
  readonly run: string;
  readonly seq: number;
}

/** The whole state, folded: most of it belongs to other steps. */
function StatePart({ title, values, run, seq }: StateProps): ReactElement {
  const { boot } = useSession();
  const count = Object.keys(values).length;
  return (
    <details className="visit__part">
      <summary className="visit__title">
        {title} <span className="visit__note">{tn("{count} key", "{count} keys", count)}</span>
      </summary>
      <Tree value={values} label={title} />
      {seq > 0 && (
        <a
          className="visit__raw"
          href={`${boot.urls.api}/runs/${run}/state?seq=${seq}`}
          target="_blank"
          rel="noreferrer"
        >
          {t("Open raw")}
        </a>
      )}
    </details>
  );
}

// Log ---------------------------------------------------------------------------------------------

function Log({ id, run, visit }: { id: string; run: string; visit: Visit }): ReactElement {
  const { api } = useLookBack();
  const { began } = visit;
  const document = useEditor((state) => state.document);
  const names = useMemo(() => new Names(document), [document]);
  const pulse = useRunLookedAt()?.pulse ?? "";
  const [found, setFound] = useState<readonly RunEvent[] | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    // A run that goes on says more: its pulse asks again.
    let alive = pulse !== null;
    api.events(run, id, began).then(
      (events) => alive && setFound(events),
      (error: unknown) => alive && setFailed(sentence(error)),
    );
    return () => {
      alive = false;
    };
  }, [api, run, id, began, pulse]);
  if (failed) return <Problem>{failed}</Problem>;
  if (!found) return <Waiting />;
  const last = visit.ended ?? Number.POSITIVE_INFINITY;
  const own = found.filter((event) => isOf(event, visit) && event.seq <= last);
  const rows = own.flatMap((event) => rowsOf(event, names));
  if (rows.length === 0) return <p className="visit__none">{t("It said nothing.")}</p>;
  const cut = found.length === MOST_EVENTS && (found.at(-1)?.seq ?? 0) < last;
  return (
    <>
      <ol className="visit__log" aria-label={t("Log of the visit")}>
        {rows.map((row, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a visit are only ever added
            key={index}
            className={`run-log__row run-log__row--${row.level}`}
          >
            <span className="run-log__time">{row.follows ? "" : clock(row.ts)}</span>
            <span className="run-log__text">{row.text}</span>
          </li>
        ))}
      </ol>
      {cut && (
        <p className="visit__note">{t("The rest of a long log is on the page of the run.")}</p>
      )}
    </>
  );
}

/** Its own events, and those of the items it works on. */
function isOf(event: RunEvent, visit: Visit): boolean {
  return event.act === visit.activation || (isObject(event.data) && "item" in event.data);
}

const Problem = ({ children }: { children: ReactNode }) => (
  <p className="notice notice--error" role="alert">
    <span className="notice__body">{children}</span>
  </p>
);
