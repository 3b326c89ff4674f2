import { useMemo, useRef, useState } from "react";
import { Prose } from "../parts/Prose";
import { Icon } from "../run/Icon";
import { useMedia } from "../run/useRun";
import { t, tn } from "../words/t";
import type { AppliedFix, Pass, Report } from "./report";
import { useDiff } from "./useCode";
import { changedPaths, type Texts } from "./versions";
import { evidenceWords, groupWords } from "./words";

interface PassesProps {
  readonly url: string;
  readonly report: Report;
  readonly versions: readonly (Texts | null)[];
}

/** What each pass changed, as a difference of two texts, with its fixes and their proof. */
export function PassesPanel({ url, report, versions }: PassesProps) {
  const { passes } = report;
  const [chosen, setChosen] = useState<number | null>(null);
  const wide = useMedia("(min-width: 900px)");
  const [split, setSplit] = useState<boolean | null>(null);
  const layout = (split ?? wide) ? "split" : "unified";
  if (passes.length === 0) return null;
  const index = chosen === null ? null : passes.findIndex((each) => each.n === chosen);
  const shown = index === null || index < 0 ? passes : passes.slice(index, index + 1);
  const from = index === null || index < 0 ? 0 : index;
  return (
    <section className="panel" aria-labelledby="rv-passes-title">
      <div className="panel__head">
        <h2 id="rv-passes-title">
          {t("Passes")} <span className="rp-count">{passes.length}</span>
        </h2>
        <div className="rv-passes__tools">
          <PassSwitch passes={passes} chosen={chosen} onChoose={setChosen} />
          <button
            type="button"
            className="button button--small rp-toggle"
            aria-pressed={layout === "split"}
            onClick={() => setSplit(layout !== "split")}
          >
            {t("Side by side")}
          </button>
        </div>
      </div>
      <Fixes passes={shown} many={report.files.length > 1} />
      <Difference
        url={url}
        before={versions[from] ?? null}
        after={versions[from + shown.length] ?? null}
        passes={shown}
        layout={layout}
      />
    </section>
  );
}

function PassSwitch(props: {
  passes: readonly Pass[];
  chosen: number | null;
  onChoose: (n: number | null) => void;
}) {
  const { passes, chosen, onChoose } = props;
  if (passes.length === 1) return null;
  return (
    <div className="segments">
      <button
        type="button"
        className="segments__item"
        aria-pressed={chosen === null}
        onClick={() => onChoose(null)}
      >
        {t("All")}
      </button>
      {passes.map((pass) => (
        <button
          key={pass.n}
          type="button"
          className="segments__item"
          aria-pressed={chosen === pass.n}
          aria-label={t("Pass {n}: {group}", { n: pass.n, group: groupWords(pass.group) })}
          title={groupWords(pass.group)}
          onClick={() => onChoose(pass.n)}
        >
          {pass.n}
        </button>
      ))}
    </div>
  );
}

/** So many fixes are named; a big batch may have thousands. */
const NAMED = 60;

function Fixes({ passes, many }: { passes: readonly Pass[]; many: boolean }) {
  const [only] = passes;
  const applied = passes.flatMap((pass) => pass.applied);
  const refused = passes.flatMap((pass) => pass.refused);
  return (
    <div className="rv-fixes">
      <p className="muted small">
        {passes.length === 1 && only && (
          <>{t("Pass {n}: {group}", { n: only.n, group: groupWords(only.group) })}. </>
        )}
        {tn("{count} fix applied", "{count} fixes applied", applied.length)}
        {refused.length > 0 && <>, {tn("{count} refused", "{count} refused", refused.length)}</>}.
      </p>
      <ul className="fixes rv-fixes__list">
        {groupFixes(applied, many).map(({ key, fix, count }) => (
          <li key={key} className="fixes__item">
            <span className="chip chip--ok" title={evidenceWords(fix.evidence)}>
              <Icon name="check" /> {fix.evidence}
            </span>
            <code>{fix.rule}</code>{" "}
            <span className="muted">
              <Prose text={fix.message} />
            </span>
            {count > 1 && <span className="muted">×{count}</span>}
          </li>
        ))}
        {groupFixes(refused, many).map(({ key, fix }) => (
          <li key={key} className="fixes__item">
            <span className="chip chip--warn">{t("refused")}</span> <code>{fix.rule}</code>{" "}
            <span className="muted">{fix.reason}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The same rule with the same proof is told once, with how often. */
function groupFixes(fixes: readonly AppliedFix[], many: boolean) {
  const groups = new Map<string, { key: string; fix: AppliedFix; count: number }>();
  for (const fix of fixes) {
    const key = [fix.rule, fix.evidence, fix.reason, many ? fix.path : ""].join("|");
    const known = groups.get(key);
    if (known) known.count += 1;
    else groups.set(key, { key, fix, count: 1 });
  }
  return [...groups.values()].slice(0, NAMED);
}

interface DifferenceProps {
  readonly url: string;
  readonly before: Texts | null;
  readonly after: Texts | null;
  readonly passes: readonly Pass[];
  readonly layout: "split" | "unified";
}

function Difference({ url, before, after, passes, layout }: DifferenceProps) {
  const [wanted, setWanted] = useState<string | null>(null);
  const paths = useMemo(
    () => (before && after ? changedPaths(before, after) : []),
    [before, after],
  );
  if (!before || !after) return <PlainDiff passes={passes} />;
  const path = wanted !== null && paths.includes(wanted) ? wanted : (paths[0] ?? null);
  if (path === null)
    return <p className="rp-empty rv-findings__none">{t("Nothing was changed.")}</p>;
  return (
    <>
      {paths.length > 1 && (
        <select
          className="select rv-diff__file"
          aria-label={t("Changed file")}
          value={path}
          onChange={(event) => setWanted(event.target.value)}
        >
          {paths.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      )}
      <MergeView
        url={url}
        before={before.get(path) ?? ""}
        after={after.get(path) ?? ""}
        layout={layout}
      />
    </>
  );
}

function MergeView(
  props: Pick<DifferenceProps, "url" | "layout"> & { before: string; after: string },
) {
  const host = useRef<HTMLDivElement>(null);
  useDiff(props.url, host, {
    before: props.before,
    after: props.after,
    language: "python",
    label: t("Changes"),
    layout: props.layout,
  });
  return <div className="rv-diff" ref={host} />;
}

/** The diff as it was written, when the whole texts cannot be had. */
function PlainDiff({ passes }: { passes: readonly Pass[] }) {
  const diff = passes.map((pass) => pass.diff).join("");
  return (
    <>
      <pre className="rv-plain">{diff || t("The report holds no diff.")}</pre>
      {passes.some((pass) => pass.cut) && (
        <p className="panel__foot">
          {t("The diff is cut here; files that did not fit are left out.")}
        </p>
      )}
    </>
  );
}
