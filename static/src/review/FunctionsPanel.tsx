import { useMemo, useState } from "react";
import { t } from "../words/t";
import type { FunctionRow } from "./report";

/** The longest list that is drawn without asking. */
const FEW = 12;
/** Cyclomatic complexity that fills a bar. */
const FULL = 25;

interface FunctionsProps {
  readonly functions: readonly FunctionRow[];
  readonly many: boolean;
  readonly onPick: (row: FunctionRow) => void;
}

/** Functions with their complexity as bars, the most complex first. */
export function FunctionsPanel({ functions, many, onPick }: FunctionsProps) {
  const [all, setAll] = useState(false);
  const sorted = useMemo(
    () =>
      functions.toSorted(
        (a, b) => b.cyclomatic - a.cyclomatic || b.cognitive - a.cognitive || a.line - b.line,
      ),
    [functions],
  );
  if (functions.length === 0) return null;
  const rows = all ? sorted : sorted.slice(0, FEW);
  return (
    <section className="panel" aria-labelledby="rv-functions-title">
      <div className="panel__head">
        <h2 id="rv-functions-title">
          {t("Functions")} <span className="rp-count">{functions.length}</span>
        </h2>
        <span className="panel__note">{t("the most complex first")}</span>
      </div>
      <div
        className="table-wrap"
        role="region"
        aria-label={t("Functions and their complexity")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a place that scrolls takes the keyboard
        tabIndex={0}
      >
        <table className="table rv-functions">
          <thead>
            <tr>
              <th scope="col">{t("Function")}</th>
              <th scope="col">{t("Cyclomatic")}</th>
              <th scope="col">{t("Cognitive")}</th>
              <th scope="col" className="table__number">
                {t("Nesting")}
              </th>
              <th scope="col" className="table__number">
                {t("Statements")}
              </th>
              <th scope="col" className="table__number">
                {t("Parameters")}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row
                key={`${row.path}:${row.line}:${row.name}`}
                row={row}
                many={many}
                onPick={onPick}
              />
            ))}
          </tbody>
        </table>
      </div>
      {sorted.length > rows.length && (
        <p className="panel__foot">
          <button type="button" className="rp-link" onClick={() => setAll(true)}>
            {t("Show all {n}", { n: sorted.length })}
          </button>
        </p>
      )}
    </section>
  );
}

function Row({
  row,
  many,
  onPick,
}: {
  row: FunctionRow;
  many: boolean;
  onPick: FunctionsProps["onPick"];
}) {
  return (
    <tr>
      <th scope="row">
        <button type="button" className="rp-link" onClick={() => onPick(row)}>
          <code>{row.name}</code>
        </button>
        <span className="table__sub">
          {many
            ? t("line {line} of {path}", { line: String(row.line), path: row.path })
            : t("line {line}", { line: String(row.line) })}
        </span>
      </th>
      <td className="nowrap">
        <Bar value={row.cyclomatic} raised={10} high={20} />
      </td>
      <td className="nowrap">
        <Bar value={row.cognitive} raised={15} high={30} />
      </td>
      <td className="table__number">{row.nesting}</td>
      <td className="table__number">{row.statements}</td>
      <td className="table__number">{row.params}</td>
    </tr>
  );
}

/** A measure as bar, number and, above its limits, a word. */
function Bar({ value, raised, high }: { value: number; raised: number; high: number }) {
  const level = value > high ? "high" : value > raised ? "warn" : "ok";
  return (
    <>
      <svg className="meter" viewBox="0 0 72 6" aria-hidden="true">
        <rect className="meter__track" width="72" height="6" rx="3" />
        <rect
          className="meter__value"
          data-level={level}
          width={Math.min(72, Math.max(3, (value / FULL) * 72))}
          height="6"
          rx="3"
        />
      </svg>{" "}
      <span className="number">{value}</span>
      {level !== "ok" && <span className="meta"> {level === "high" ? "high" : "raised"}</span>}
    </>
  );
}
