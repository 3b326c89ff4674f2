import { type ReactElement, useState } from "react";
import { Icon } from "../canvas/icons";
import { pinsOf } from "../model/pins";
import { t, tp } from "../words/t";
import { sentence } from "./api";
import { Dialog, DialogNotice } from "./Dialog";
import { useEditor, useSession } from "./hooks";
import { BaseChoice } from "./run/BaseChoice";
import { memoryKey, recall, remember } from "./run/memory";
import { PinsChoice } from "./run/PinsChoice";
import { inputOf } from "./run/pastRuns";
import { titleOf } from "./run/pinning";
import { beginsThere, countingPins, planWords, type RunPlan, type State } from "./run/plan";
import { ReachChoice } from "./run/ReachChoice";
import { declaredKeys, needed, StateFields } from "./run/StateFields";
import { usePast } from "./run/usePast";
import { startRun } from "./running";

/** Asks what a test run goes through and begins with, and starts it. */
export function RunDialog(): ReactElement {
  const session = useSession();
  const plan = useEditor((state) => state.plan);
  const { node } = plan;
  return (
    <Dialog title={planWords(plan, node === null ? "" : titleOf(session, node))}>
      <RunForm plan={plan} />
    </Dialog>
  );
}

function RunForm({ plan }: { plan: RunPlan }): ReactElement {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const busy = useEditor((state) => state.starting);
  const there = beginsThere(plan);
  const home = there ? plan.node : null;
  const keys = declaredKeys(document);
  const past = usePast(home);
  const { state, setState, memory } = useFirstStates(plan, () => needed(keys));
  const [formed, setFormed] = useState({ start: keys.length > 0, there: false });
  const asJson = !formed[there ? "there" : "start"];
  const [invalid, setInvalid] = useState(false);
  const [usesPast, setUsesPast] = useState(true);
  const [usesPins, setUsesPins] = useState(true);
  const base = there && usesPast ? past : null;
  const waiting = base === undefined;
  const pins = countingPins(plan, pinsOf(document));
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (invalid || busy || waiting) return;
        if (!base) remember(memory, state);
        void startRun(session, {
          plan,
          state: base ? {} : state,
          base: base?.id ?? null,
          pins: usesPins ? pins : {},
        });
      }}
    >
      {plan.node !== null && (
        <ReachChoice
          plan={plan}
          title={titleOf(session, plan.node)}
          onChange={(reach) => {
            session.store.set({ plan: { ...plan, reach }, notice: null });
            setInvalid(false);
          }}
        />
      )}
      {there && <BaseChoice past={past} on={usesPast} onChange={setUsesPast} />}
      {!base && !waiting && (
        <>
          <div className="run-form__head">
            <p className="dialog__words">
              {there
                ? t("The state that the step finds.")
                : t("The state the run begins with. What is left out takes its first value.")}
            </p>
            {!there && past && (
              <button
                type="button"
                className="link-button"
                onClick={() =>
                  inputOf(session, past.id).then(setState, (error: unknown) =>
                    session.tell({ tone: "error", text: sentence(error) }),
                  )
                }
              >
                {t("Use the last run’s")}
              </button>
            )}
            {keys.length > 0 && (
              <button
                type="button"
                className="link-button"
                onClick={() => {
                  setFormed({ ...formed, [there ? "there" : "start"]: asJson });
                  setInvalid(false);
                }}
              >
                {asJson ? t("As a form") : t("As JSON")}
              </button>
            )}
          </div>
          <StateFields
            key={home}
            document={document}
            label={there ? t("State as JSON") : t("First state as JSON")}
            state={state}
            asJson={asJson}
            onChange={setState}
            onInvalid={setInvalid}
          />
        </>
      )}
      {invalid && (
        <p className="field__error">
          {t("A state is a JSON object: {example}", { example: "{ … }" })}
        </p>
      )}
      <PinsChoice pins={pins} on={usesPins} onChange={setUsesPins} />
      <DialogNotice />
      <div className="form__actions">
        <button
          type="submit"
          className="button button--primary"
          disabled={invalid || waiting}
          aria-disabled={busy}
        >
          <Icon name="run" /> {busy ? t("Starting…") : tp("verb", "Run")}
        </button>
      </div>
    </form>
  );
}

/** The state at the start of the workflow and the one at the step, each as it was given last. */
function useFirstStates(plan: RunPlan, blank: () => State) {
  const session = useSession();
  const { id } = session.boot.workflow;
  const keys = { start: memoryKey(id, null), there: memoryKey(id, plan.node) };
  const [states, setStates] = useState(() => ({
    start: recall(keys.start) ?? blank(),
    there: recall(keys.there) ?? {},
  }));
  const which = beginsThere(plan) ? "there" : "start";
  return {
    state: states[which],
    memory: keys[which],
    setState: (state: State) => setStates((old) => ({ ...old, [which]: state })),
  };
}
