import { type ReactNode, useMemo } from "react";
import { t, tn } from "../words/t";
import { type Change, changesBetween, pathText } from "./changes";
import { Icon } from "./Icon";
import { JsonTree } from "./JsonTree";
import { type Loading, type StatePair, stateUrl } from "./runState";
import type { RunStore } from "./store";
import { brief } from "./words";

interface StateProps {
  readonly store: RunStore;
  readonly seq: number;
  readonly states: Loading<StatePair>;
}

/** The state after the step, and what the step changed in it. */
export function StateTab({ store, seq, states }: StateProps) {
  const at = store.record.commitAt(seq);
  return (
    <Loaded value={states}>
      {(pair) => <StateView pair={pair} raw={stateUrl(store, at)} at={at} />}
    </Loaded>
  );
}

function StateView({ pair, raw, at }: { pair: StatePair; raw: string; at: number }) {
  const changes = useMemo(() => changesBetween(pair.before.state, pair.after.state), [pair]);
  const marked = useMemo(() => new Set(changes.map((each) => String(each.path[0]))), [changes]);
  return (
    <>
      <section>
        <h3>
          {t("What changed")} <span className="rp-count">{t("at event {n}", { n: at })}</span>
        </h3>
        {changes.length === 0 && <p className="rp-empty">{t("The state stayed as it was.")}</p>}
        <ul className="rp-changes">
          {changes.map((change) => (
            <ChangeRow key={pathText(change.path)} change={change} />
          ))}
        </ul>
      </section>
      <section>
        <div className="rp-section__head">
          <h3>
            {t("State")} <span className="rp-count">{t("after event {n}", { n: at })}</span>
          </h3>
          <a className="rp-raw" href={raw} target="_blank" rel="noreferrer">
            {t("Open raw")} <Icon name="out" />
          </a>
        </div>
        <JsonTree
          key={at}
          value={pair.after.state}
          marked={marked}
          label={tn(
            "State, {count} key",
            "State, {count} keys",
            Object.keys(pair.after.state).length,
          )}
        />
      </section>
    </>
  );
}

const SIGNS = { added: "+", removed: "−", changed: "±" } as const;

function ChangeRow({ change }: { change: Change }) {
  const { kind, before, after } = change;
  return (
    <li className="rp-change" data-kind={kind}>
      <span className="rp-change__sign" aria-hidden="true">
        {SIGNS[kind]}
      </span>
      <span className="rp-change__path">
        {pathText(change.path)}
        <span className="visually-hidden"> {kind}</span>
      </span>
      <span className="rp-change__values">
        {kind !== "added" && <del>{brief(before, 90)}</del>}
        {kind !== "removed" && <ins>{brief(after, 90)}</ins>}
      </span>
    </li>
  );
}

/** Children once a value is there; a quiet line until then. */
export function Loaded<T>({
  value,
  children,
}: {
  value: Loading<T>;
  children: (ready: T) => ReactNode;
}) {
  if (value.kind === "ready") return <>{children(value.value)}</>;
  if (value.kind === "loading") return <p className="rp-empty">{t("Fetching the state…")}</p>;
  return (
    <p className="rp-empty" role="alert">
      {value.message}
    </p>
  );
}
