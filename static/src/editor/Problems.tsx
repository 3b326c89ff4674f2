import type { ReactElement } from "react";
import { Icon } from "../canvas/icons";
import type { GraphDocument } from "../model/document";
import type { Problem } from "../model/problems";
import { titleOf } from "../run/words";
import { t } from "../words/t";
import { useEditor, useSession } from "./hooks";
import { problemsTitle } from "./problemWords";
import { goToProblem } from "./troubles";

/** Some of the problems, as a list over the fields they are about; each leads to its field. */
export function Problems({ only }: { only: (problem: Problem) => boolean }): ReactElement | null {
  const session = useSession();
  const problems = useEditor((state) => state.problems).filter(only);
  if (problems.length === 0) return null;
  return (
    <ul className="problem-list">
      {problems.map((problem) => (
        <li key={keyOf(problem)}>
          <button
            type="button"
            className={`problem problem--${problem.severity} problem--link`}
            title={t("Go to the field")}
            onClick={() => session.focusField(problem.pointer || "first")}
          >
            <Icon name="warning" size={14} />
            <span>
              {problem.message}
              {problem.hint && <span className="problem__hint"> {problem.hint}</span>}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** All problems below the canvas; each leads to what it is about. */
export function ProblemsPanel(): ReactElement | null {
  const session = useSession();
  const problems = useEditor((state) => state.problems);
  const shown = useEditor((state) => state.showProblems);
  const document = useEditor((state) => state.document);
  if (!shown) return null;
  return (
    <section className="bottom-panel" aria-label={t("Problems")}>
      <header className="bottom-panel__head">
        <h2 className="bottom-panel__title">{problemsTitle(problems)}</h2>
        <button
          type="button"
          className="button button--quiet button--icon button--small"
          aria-label={t("Close the problems")}
          onClick={() => session.store.set({ showProblems: false })}
        >
          <Icon name="close" size={14} />
        </button>
      </header>
      {problems.length === 0 && <p className="bottom-panel__empty">{t("Nothing is wrong.")}</p>}
      <ul className="problem-list problem-list--all">
        {problems.map((problem) => (
          <li key={keyOf(problem)}>
            <button
              type="button"
              className={`problem problem--${problem.severity} problem--link`}
              onClick={() => goToProblem(session, problem)}
            >
              <Icon name="warning" size={14} />
              <span className="problem__about">{aboutWords(document, problem)}</span>
              <span>
                {problem.message}
                {problem.hint && <span className="problem__hint"> {problem.hint}</span>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A step by its title; an edge, which has none, by the steps it joins. */
function aboutWords(document: GraphDocument, { node, edge }: Problem): string {
  if (node !== null) return titleOf(document, node);
  const found = document.edges.find((each) => each.id === edge);
  if (!found) return edge ?? t("workflow");
  return `${titleOf(document, found.from)} → ${titleOf(document, found.to)}`;
}

const keyOf = (problem: Problem) => `${problem.code} ${problem.pointer} ${problem.message}`;
