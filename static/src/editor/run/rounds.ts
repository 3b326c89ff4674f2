/** The visits of a step in a run, one after the other. Pure. */

import { statusWord } from "../../run/statusWords";
import { type Activation, findVisit, type RunView } from "../../run/view";
import { brief, duration } from "../../run/words";
import { t, tn } from "../../words/t";

/** The visit that is looked at; undefined when it is all of them, or the step had none. */
export function roundOf(
  view: RunView,
  node: string | null,
  visit: number | null,
): Activation | undefined {
  return node === null || visit === null ? undefined : findVisit(view, node, visit);
}

export const roundsOf = (view: RunView, node: string | null): number =>
  node === null ? 0 : (view.nodes.get(node)?.activations.length ?? 0);

/** What happened in it, in one line: how it ended, what it wrote, where it went and why. */
export function roundWords(round: Activation, titleOf: (edge: string) => string): string {
  const { status, ms, tries, wrote, decisions, error } = round;
  const parts = [
    ms === null
      ? said(status)
      : t("{status} in {time}", { status: said(status), time: duration(ms) }),
  ];
  if (tries > 1) parts.push(tn("{count} try", "{count} tries", tries));
  if (wrote.length > 0) parts.push(t("wrote {keys}", { keys: wrote.join(", ") }));
  const taken = decisions.filter((decision) => decision.taken);
  parts.push(
    ...taken.map(({ edge, when, values }) => {
      const found = Object.entries(values).map(([name, value]) => `${name} = ${brief(value, 24)}`);
      if (!when) return t("then {step}", { step: titleOf(edge) });
      const why = found.length ? `${when} (${found.join(", ")})` : when;
      return t("then {step} because {why}", { step: titleOf(edge), why });
    }),
  );
  if (error) parts.push(error.message);
  return parts.join(" · ");
}

const said = (status: string) =>
  status === "queued" ? t("waits for its turn") : statusWord(status);
