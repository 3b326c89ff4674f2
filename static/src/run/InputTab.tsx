import type { GraphDocument } from "../model/document";
import { t } from "../words/t";
import { Icon } from "./Icon";
import { JsonTree } from "./JsonTree";
import { type Loading, type StatePair, stateUrl } from "./runState";
import { Loaded } from "./StateTab";
import type { RunStore } from "./store";
import type { Activation } from "./view";

interface InputProps {
  readonly store: RunStore;
  readonly document: GraphDocument;
  readonly visit: Activation;
  readonly states: Loading<StatePair>;
}

/** What the step was given: its bindings, and the state it read from. */
export function InputTab({ store, document, visit, states }: InputProps) {
  const bindings = Object.entries(document.nodes[visit.node]?.inputs ?? {});
  return (
    <>
      {bindings.length > 0 && (
        <section>
          <h3>{t("Bound by expression")}</h3>
          <dl className="facts">
            {bindings.map(([name, expression]) => (
              <div key={name} className="rp-fact">
                <dt>{name}</dt>
                <dd>
                  <code>{expression}</code>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      <section>
        <div className="rp-section__head">
          <h3>{t("State before this step")}</h3>
          <a
            className="rp-raw"
            href={stateUrl(store, visit.startedSeq)}
            target="_blank"
            rel="noreferrer"
          >
            {t("Open raw")} <Icon name="out" />
          </a>
        </div>
        <Loaded value={states}>
          {(pair) => (
            <JsonTree key={pair.before.seq} value={pair.before.state} label={t("State before")} />
          )}
        </Loaded>
      </section>
    </>
  );
}
