import { useState } from "react";
import { Prose } from "../parts/Prose";
import { save } from "../run/download";
import { Icon } from "../run/Icon";
import { t } from "../words/t";
import type { Report, Suggestion } from "./report";
import type { Texts } from "./versions";
import { kindWords, remainingWords } from "./words";

/** So many suggestions are shown at first. */
const FEW = 8;

interface RemainingProps {
  readonly report: Report;
  readonly onPick: (suggestion: Suggestion) => void;
}

/** What is left for a person, and what to do about it. */
export function RemainingPanel({ report, onPick }: RemainingProps) {
  const [all, setAll] = useState(false);
  const left = report.suggestions.filter((each) => each.kind !== "auto");
  const rows = all ? left : left.slice(0, FEW);
  return (
    <section className="panel" aria-labelledby="rv-remaining-title">
      <div className="panel__head">
        <h2 id="rv-remaining-title">{t("What remains")}</h2>
      </div>
      <div className="panel__body stack stack--tight">
        <p>{remainingWords(report.remaining)}</p>
        <ul className="suggestions rv-suggestions">
          {rows.map((each) => (
            <Item
              key={`${each.path}:${each.rule}:${each.kind}`}
              suggestion={each}
              onPick={onPick}
            />
          ))}
        </ul>
        {left.length > rows.length && (
          <button type="button" className="rp-link" onClick={() => setAll(true)}>
            {t("Show all {n}", { n: left.length })}
          </button>
        )}
        {report.skipped.length > 0 && (
          <>
            <h3>{t("Files left out")}</h3>
            <ul className="suggestions">
              {report.skipped.map((file) => (
                <li key={file.path}>
                  <code className="wrap">{file.path}</code>{" "}
                  <span className="muted">{file.reason}</span>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </section>
  );
}

function Item({
  suggestion,
  onPick,
}: {
  suggestion: Suggestion;
  onPick: RemainingProps["onPick"];
}) {
  const { line, kind, text, diff, count } = suggestion;
  return (
    <li>
      <p className="rv-suggestion">
        <span className="chip">{kindWords(kind)}</span>
        {line !== null && (
          <button type="button" className="rp-link number" onClick={() => onPick(suggestion)}>
            {t("line {line}", { line: String(line) })}
          </button>
        )}
        {count > 1 && <span className="muted">{t("and {count} more", { count: count - 1 })}</span>}
        <span className="wrap">
          <Prose text={text} />
        </span>
      </p>
      {diff && (
        <details className="disclosure">
          <summary>{t("What a fix would change")}</summary>
          <pre className="rv-plain">{diff}</pre>
        </details>
      )}
    </li>
  );
}

interface FixedProps {
  readonly id: string;
  readonly texts: Texts;
  readonly patch: string;
}

/** Take the fixed code away: copied, as a file, or as a patch of everything. */
export function FixedCode({ id, texts, patch }: FixedProps) {
  const [said, setSaid] = useState("");
  const [only] = texts.size === 1 ? texts.values() : [];
  if (!patch) return null;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(only ?? patch);
      setSaid(t("Copied"));
    } catch {
      setSaid(t("The browser does not allow copying; download instead"));
    }
  };
  return (
    <>
      <button type="button" className="button" onClick={copy}>
        <Icon name="copy" /> {only === undefined ? t("Copy patch") : t("Copy fixed code")}
      </button>
      {only !== undefined && (
        <button
          type="button"
          className="button"
          onClick={() => save(`fixed-${id.slice(-8)}.py`, "text/x-python", only)}
        >
          <Icon name="download" /> {t("Fixed code")}
        </button>
      )}
      <button
        type="button"
        className="button"
        onClick={() => save(`review-${id.slice(-8)}.patch`, "text/x-diff", patch)}
      >
        <Icon name="download" /> {t("Patch")}
      </button>
      <span className={said ? "meta" : "visually-hidden"} role="status">
        {said}
      </span>
    </>
  );
}
