/** How many problems there are. Apart from their list, which the first screen does without. */
import type { Problem } from "../model/problems";
import { t, tn } from "../words/t";

export function problemsTitle(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const warnings = problems.length - errors;
  const words = [
    errors > 0 && tn("{count} error", "{count} errors", errors),
    warnings > 0 && tn("{count} warning", "{count} warnings", warnings),
  ].filter(Boolean);
  return words.join(", ") || t("No problems");
}
