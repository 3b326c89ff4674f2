import { t } from "../words/t";
import { Icon } from "./Icon";
import { JsonTree } from "./JsonTree";
import { type Op, readOps } from "./payloads";
import { type Loading, type StatePair, stateUrl } from "./runState";
import { Loaded } from "./StateTab";
import type { RunStore } from "./store";
import type { Activation } from "./view";
import { ErrorBox } from "./WhyTab";

const VERBS: Readonly<Record<string, string>> = {
  set: t("set"),
  red: t("joined into"),
  over: t("replaced"),
  del: t("removed"),
};

interface OutputProps {
  readonly store: RunStore;
  readonly visit: Activation;
  readonly states: Loading<StatePair>;
}

/** What the step wrote, key by key. */
export function OutputTab({ store, visit, states }: OutputProps) {
  const event = visit.endedSeq === null ? undefined : store.record.find(visit.endedSeq);
  const ops = event ? readOps(event.data) : [];
  return (
    <>
      {visit.error && <ErrorBox error={visit.error} />}
      <section>
        <div className="rp-section__head">
          <h3>
            {t("Written")} <span className="rp-count">{ops.length}</span>
          </h3>
          {visit.endedSeq !== null && ops.length > 0 && (
            <a
              className="rp-raw"
              href={stateUrl(store, visit.endedSeq)}
              target="_blank"
              rel="noreferrer"
              title={t("The state after this step, as JSON")}
            >
              {t("Open raw")} <Icon name="out" />
            </a>
          )}
        </div>
        {ops.length === 0 && <p className="rp-empty">{nothing(visit)}</p>}
        <ul className="rp-ops">
          {ops.map((op, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: writes of one step never move
            <OpRow key={`${visit.endedSeq}-${index}`} op={op} states={states} />
          ))}
        </ul>
      </section>
    </>
  );
}

function OpRow({ op, states }: { op: Op; states: Loading<StatePair> }) {
  return (
    <li className="rp-op">
      <p className="rp-op__head">
        <code>{op.key}</code> <span className="rp-count">{VERBS[op.op] ?? op.op}</span>
      </p>
      {op.apart ? (
        <Loaded value={states}>
          {(pair) => <JsonTree value={pair.after.state[op.key]} label={op.key} open={1} />}
        </Loaded>
      ) : (
        op.op !== "del" && <JsonTree value={op.value} label={op.key} open={1} />
      )}
    </li>
  );
}

function nothing(visit: Activation): string {
  if (visit.endedSeq === null) return t("It has not ended yet.");
  return visit.status === "ok" ? t("This step wrote nothing.") : t("It ended without a result.");
}
