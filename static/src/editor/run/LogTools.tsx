import type { ReactElement } from "react";
import { Icon } from "../../canvas/icons";
import type { Level } from "../../run/lineWords";
import { t } from "../../words/t";
import { useEditor, useFieldId, useSession } from "../hooks";
import type { DrawerFilter, RunPanel } from "../state";
import { titleOf } from "./pinning";

const LEVELS: readonly (readonly [Level, string])[] = [
  ["debug", t("All lines")],
  ["info", t("Info and up")],
  ["warning", t("Warnings")],
  ["error", t("Errors")],
];

interface Props {
  readonly run: RunPanel;
  /** How many lines are shown, in words. */
  readonly count: string;
  readonly follow: boolean;
  readonly onFollow: (on: boolean) => void;
}

/** What of the log is shown: by words, level and step; and whether its end is kept in sight. */
export function LogTools({ run, count, follow, onFollow }: Props): ReactElement {
  const session = useSession();
  const filter = useEditor((state) => state.logFilter);
  const id = useFieldId("log-search");
  const set = (patch: Partial<DrawerFilter>) =>
    session.store.set({ logFilter: { ...filter, ...patch } });
  const nodes = Object.keys(run.view.nodes);
  return (
    <div className="log-tools">
      <div className="log-tools__search">
        <Icon name="search" size={14} />
        <label className="visually-hidden" htmlFor={id}>
          {t("Search the log")}
        </label>
        <input
          id={id}
          type="search"
          className="input"
          placeholder={t("Search the log")}
          value={filter.search}
          onChange={(event) => set({ search: event.target.value })}
        />
      </div>
      <select
        className="select"
        aria-label={t("Least level")}
        value={filter.level}
        onChange={(event) => set({ level: event.target.value as Level })}
      >
        {LEVELS.map(([level, label]) => (
          <option key={level} value={level}>
            {label}
          </option>
        ))}
      </select>
      <select
        className="select log-tools__step"
        aria-label={t("Only of this step")}
        value={filter.node ?? ""}
        onChange={(event) => set({ node: event.target.value || null, visit: null })}
      >
        <option value="">{t("All steps")}</option>
        {nodes.map((node) => (
          <option key={node} value={node}>
            {titleOf(session, node)}
          </option>
        ))}
      </select>
      <button
        type="button"
        className="button button--small"
        aria-pressed={follow}
        title={t("Keep the newest line in sight (F)")}
        onClick={() => onFollow(!follow)}
      >
        {t("Follow")}
      </button>
      <span className="log-tools__count">{count}</span>
    </div>
  );
}
