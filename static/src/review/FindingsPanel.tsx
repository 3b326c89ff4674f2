import { useMemo, useState } from "react";
import { Prose } from "../parts/Prose";
import { Icon } from "../run/Icon";
import { t } from "../words/t";
import {
  arrange,
  PLAIN_TABLE,
  type SortKey,
  sortBy,
  type TableState,
  tally,
  toneOf,
} from "./findings";
import type { Finding, Report } from "./report";
import { fixWords, score } from "./words";

/** So many rows are drawn at once; the rest follows on request. */
const PAGE = 200;

interface FindingsProps {
  readonly report: Report;
  readonly running: boolean;
  readonly current: string | null;
  readonly onPick: (finding: Finding) => void;
}

/** The findings as a table: sorted by a press on its head, filtered, and each leads to its line. */
export function FindingsPanel({ report, running, current, onPick }: FindingsProps) {
  const [table, setTable] = useState<TableState>(PLAIN_TABLE);
  const [shown, setShown] = useState(PAGE);
  const { findings } = report;
  const rows = useMemo(() => arrange(findings, table), [findings, table]);
  const many = report.files.length > 1;
  return (
    <section className="panel rv-findings" aria-labelledby="rv-findings-title">
      <div className="panel__head">
        <h2 id="rv-findings-title">
          {t("Findings")} <span className="rp-count">{rows.length}</span>
        </h2>
        <div className="rv-findings__filters">
          <Filter
            label={t("Severity")}
            value={table.severity}
            options={tally(findings, "severity")}
            onValue={(severity) => setTable({ ...table, severity })}
          />
          <Filter
            label={t("Category")}
            value={table.category}
            options={tally(findings, "category")}
            onValue={(category) => setTable({ ...table, category })}
          />
        </div>
      </div>
      {rows.length === 0 ? (
        <p className="rp-empty rv-findings__none">{nothing(report, running)}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a place that scrolls takes the keyboard
        <div className="rv-findings__scroll" role="region" aria-label={t("Findings")} tabIndex={0}>
          <table className="table table--top">
            <thead>
              <tr>
                <Head table={table} onTable={setTable} sort="line" label={t("Line")} />
                <Head table={table} onTable={setTable} sort="severity" label={t("Severity")} />
                <Head table={table} onTable={setTable} sort="rule" label={t("What and why")} />
                <Head table={table} onTable={setTable} sort="points" label={t("Points")} />
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, shown).map((finding) => (
                <Row
                  key={`${finding.id}:${finding.line}:${finding.column}`}
                  finding={finding}
                  many={many}
                  current={finding.id === current}
                  onPick={onPick}
                />
              ))}
            </tbody>
          </table>
          {rows.length > shown && (
            <button
              type="button"
              className="button button--quiet button--wide"
              onClick={() => setShown(shown + PAGE)}
            >
              {t("Show {n} more", { n: Math.min(PAGE, rows.length - shown) })}
            </button>
          )}
        </div>
      )}
      {report.count > findings.length && (
        <p className="panel__foot">
          {t("{count} more are counted in the score and not listed.", {
            count: report.count - findings.length,
          })}
        </p>
      )}
    </section>
  );
}

function nothing(report: Report, running: boolean): string {
  if (report.findings.length > 0) return t("No finding passes the filter.");
  if (running) return t("Nothing found so far.");
  return t("Nothing to complain about: no rule found anything in the code as it stands now.");
}

function Filter(props: {
  label: string;
  value: string | null;
  options: readonly (readonly [string, number])[];
  onValue: (value: string | null) => void;
}) {
  return (
    <select
      className="select"
      aria-label={props.label}
      value={props.value ?? ""}
      onChange={(event) => props.onValue(event.target.value || null)}
    >
      <option value="">{props.label}</option>
      {props.options.map(([value, count]) => (
        <option key={value} value={value}>
          {value} ({count})
        </option>
      ))}
    </select>
  );
}

function Head(props: {
  table: TableState;
  onTable: (table: TableState) => void;
  sort: SortKey;
  label: string;
}) {
  const { table, sort } = props;
  const on = table.sort === sort;
  const order = table.descending ? "descending" : "ascending";
  return (
    <th
      scope="col"
      aria-sort={on ? order : "none"}
      className={sort === "points" ? "table__number" : undefined}
    >
      <button type="button" className="rv-sort" onClick={() => props.onTable(sortBy(table, sort))}>
        {props.label}
        {on && <Icon name="chevron" />}
      </button>
    </th>
  );
}

const CHIPS = { error: "chip chip--error", warning: "chip chip--warn", info: "chip" } as const;

function Row(props: {
  finding: Finding;
  many: boolean;
  current: boolean;
  onPick: (finding: Finding) => void;
}) {
  const { finding, many } = props;
  return (
    <tr data-current={props.current || undefined}>
      <td>
        <button
          type="button"
          className="rp-link number"
          aria-label={t("Go to line {line}", { line: String(finding.line) })}
          onClick={() => props.onPick(finding)}
        >
          {finding.line}
        </button>
      </td>
      <td className="nowrap">
        <span className={CHIPS[toneOf(finding.severity)]}>{finding.severity}</span>
      </td>
      <td className="wrap">
        <Prose text={finding.message} />
        <span className="rv-findings__sub">
          {finding.url ? (
            <a href={finding.url} target="_blank" rel="noreferrer">
              <code>{finding.rule}</code>
            </a>
          ) : (
            <code>{finding.rule}</code>
          )}
          <span>{finding.category}</span>
          <span>{fixWords(finding.fix)}</span>
          {finding.function && <code>{finding.function}()</code>}
          {many && <code>{finding.path}</code>}
        </span>
      </td>
      <td className="table__number">−{score(finding.points)}</td>
    </tr>
  );
}
