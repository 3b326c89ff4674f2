/** Going from problem to problem. */
import type { Problem } from "../model/problems";
import { NOTHING } from "../model/selection";
import { t } from "../words/t";
import type { Session } from "./session";

/** Select what a problem is about and open its settings at the field that it is about. */
export function goToProblem(session: Session, problem: Problem): void {
  if (problem.node !== null) session.goTo(problem.node);
  else if (problem.edge !== null) session.goToEdge(problem.edge);
  else session.select(NOTHING);
  session.focusField(problem.pointer || "first");
}

let last = -1;

/** The next problem after the one that was shown last; begins again after the last one. */
export function nextProblem(session: Session): void {
  const { problems } = session.state;
  last = problems.length ? (last + 1) % problems.length : -1;
  const problem = problems[last];
  if (!problem) {
    session.say(t("No problems"));
    return;
  }
  goToProblem(session, problem);
  session.say(
    t("Problem {n} of {total}: {message}", {
      n: last + 1,
      total: problems.length,
      message: problem.message,
    }),
  );
}
