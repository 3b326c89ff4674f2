import type { ReactElement } from "react";
import { Icon } from "../../canvas/icons";
import { t } from "../../words/t";
import { useEditor, useSession } from "../hooks";
import type { RunPanel } from "../state";
import { titleOf } from "./pinning";
import { roundOf, roundsOf, roundWords } from "./rounds";

/** One round of a step after the other: how it ended, what it wrote, and where it went. */
export function RoundPicker({ run }: { run: RunPanel }): ReactElement | null {
  const session = useSession();
  const filter = useEditor((state) => state.logFilter);
  const { node, visit } = filter;
  const count = roundsOf(run.view, node);
  if (node === null || count < 2) return null;
  const round = roundOf(run.view, node, visit);
  const show = (next: number | null) =>
    session.store.set({ logFilter: { ...filter, visit: next } });
  const target = (id: string) => {
    const edge = run.document.edges.find((each) => each.id === id);
    return edge ? t("“{name}”", { name: titleOf(session, edge.to) }) : id;
  };
  return (
    <div
      className="rounds"
      role="group"
      aria-label={t("Rounds of {step}", { step: titleOf(session, node) })}
    >
      <button
        type="button"
        className="button button--quiet button--icon button--small rounds__back"
        aria-label={t("The round before")}
        disabled={visit === 1}
        onClick={() => show(visit === null ? count : visit - 1)}
      >
        <Icon name="chevronRight" size={14} />
      </button>
      <label className="rounds__which">
        <span aria-hidden="true">⟲</span>
        <select
          className="select"
          aria-label={t("Round")}
          value={visit ?? ""}
          onChange={(event) => show(event.target.value ? Number(event.target.value) : null)}
        >
          <option value="">{t("all {count}", { count })}</option>
          {Array.from({ length: count }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rounds are numbered
            <option key={index} value={index + 1}>
              {t("{n} of {total}", { n: index + 1, total: count })}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        className="button button--quiet button--icon button--small"
        aria-label={t("The round after")}
        disabled={visit === count}
        onClick={() => show(visit === null ? 1 : visit + 1)}
      >
        <Icon name="chevronRight" size={14} />
      </button>
      <span className="rounds__words" aria-live="polite">
        {round
          ? roundWords(round, target)
          : t("All rounds of “{step}”", { step: titleOf(session, node) })}
      </span>
    </div>
  );
}
