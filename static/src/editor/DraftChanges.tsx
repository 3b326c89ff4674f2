import type { ReactElement } from "react";
import { t, tp } from "../words/t";
import type { DraftChange, DraftChanges } from "./api";
import { useSession } from "./hooks";
import { when } from "./when";

const SIGN = { added: "+", removed: "−", changed: "~", reordered: "⇅" } as const;

const WHAT = {
  added: tp("change", "added"),
  removed: tp("change", "removed"),
  changed: tp("change", "changed"),
  reordered: tp("change", "reordered"),
} as const;

/** What publishing would change, each with who changed it. */
export function DraftChangesList({ found }: { found: DraftChanges }): ReactElement {
  const session = useSession();
  const { from, changes, summary } = found;
  if (changes.length === 0) {
    return (
      <p className="dialog__words">
        {t("Nothing that decides how a run goes differs from version {from}; only looks do.", {
          from: String(from),
        })}
      </p>
    );
  }
  const compare = `${session.boot.urls.workflows}${session.boot.workflow.id}/versions/compare`;
  return (
    <details className="changes" open={from !== null}>
      <summary className="changes__summary">{summary}</summary>
      <ul className="changes__list">
        {changes.map((change) => (
          <Change key={`${change.part} ${change.title}`} change={change} />
        ))}
      </ul>
      {from !== null && (
        <a
          className="changes__compare"
          href={`${compare}?from=${from}&to=draft`}
          target="_blank"
          rel="noopener"
        >
          {t("See the changes on the canvas")}
        </a>
      )}
    </details>
  );
}

function Change({ change }: { change: DraftChange }): ReactElement {
  const { boot } = useSession();
  const { title, what, rows, authors } = change;
  return (
    <li className="change" data-what={what}>
      <span className="change__sign" aria-hidden="true">
        {SIGN[what]}
      </span>
      <div className="change__body">
        <p className="change__title">
          {title} <span className="change__what">{WHAT[what]}</span>
        </p>
        {what === "changed" && (
          <dl className="change__rows">
            {rows.map((row) => (
              <div key={row.field} className="change__row">
                <dt>{row.field}</dt>
                <dd>
                  {row.before === null ? <em>{t("not set")}</em> : <del>{row.before}</del>}{" "}
                  <span aria-hidden="true">→</span>{" "}
                  {row.after === null ? <em>{t("not set")}</em> : <ins>{row.after}</ins>}
                </dd>
              </div>
            ))}
          </dl>
        )}
        <p className="change__by">{byWords(authors, boot.user.name)}</p>
      </div>
    </li>
  );
}

function byWords(authors: DraftChange["authors"], self: string): string {
  if (authors.length === 0) return t("Who changed it is not known");
  const each = ({ name, at }: DraftChange["authors"][number]) =>
    `${name === self ? t("you") : name}, ${when(at)}`;
  return t("by {authors}", { authors: authors.map(each).join("; ") });
}
