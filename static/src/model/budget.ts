/** How often a way may be taken while its loop goes on: what it says, else what the engine gives it. */
import { t, tn } from "../words/t";
import type { EdgeSpec } from "./document";

/** The bound of a way that closes a loop and names none. */
export const LOOP_BOUND = 100;

export interface Budget {
  /** Null: no bound of its own, only the steps that a run may take. */
  readonly times: number | null;
  /** The document says it. */
  readonly own: boolean;
}

/** @param loops whether the way closes a loop. Null where a way may be taken as often as it comes. */
export function budgetOf(edge: EdgeSpec, loops: boolean): Budget | null {
  if (typeof edge.max === "number") return { times: edge.max, own: true };
  if (!loops) return null;
  return edge.max === null ? { times: null, own: true } : { times: LOOP_BOUND, own: false };
}

/** As it stands on the canvas; empty where there is no bound. */
export function budgetMark(budget: Budget | null): string {
  if (!budget) return "";
  return budget.times === null ? t("no max") : t("max {times}", { times: String(budget.times) });
}

/** As it is spoken; empty where there is no bound. */
export function budgetWords(budget: Budget | null): string {
  if (!budget) return "";
  if (budget.times === null) return t("as often as the steps of the run allow");
  return budget.own
    ? tn("at most {count} time", "at most {count} times", budget.times)
    : tn(
        "at most {count} time, as it says no number",
        "at most {count} times, as it says no number",
        budget.times,
      );
}
