import { useState } from "react";
import { postJson } from "../live/http";
import { ReasonedButton } from "../parts/ReasonedButton";
import { t } from "../words/t";
import { Icon, type IconName } from "./Icon";
import { callPage, undecidedCalls } from "./outcomes";
import type { RunError } from "./payloads";
import { readError, readNumber } from "./payloads";
import type { RunStore } from "./store";
import type { RunView } from "./view";

type Verb = "pause" | "resume" | "retry";

/** What steers a run in each status. */
const OFFERED: Readonly<Record<string, Verb>> = {
  queued: "pause",
  running: "pause",
  waiting: "pause",
  paused: "resume",
  failed: "retry",
};

const LOOKS: Readonly<Record<Verb, readonly [icon: IconName, name: string]>> = {
  pause: ["pause", t("Pause")],
  resume: ["play", t("Resume")],
  retry: ["again", t("Retry")],
};

interface Props {
  readonly store: RunStore;
  readonly view: RunView;
  readonly onProblem: (message: string) => void;
}

/** Pause a run, let it go on, or try again what failed: whichever its status calls for. */
export function Steering({ store, view, onProblem }: Props) {
  const [sent, setSent] = useState<string | null>(null);
  const verb = OFFERED[view.status];
  const used = verb === "resume" || verb === "retry" ? stepsUsed(store, view) : null;
  const [steps, setSteps] = useState("");
  if (!verb) return null;
  const [undecided] = verb === "pause" ? [] : undecidedCalls(store.record.events);
  if (undecided && !store.boot.cannot?.steer)
    return (
      <a className="button button--primary" href={callPage(store.boot.run.id, undecided)}>
        <Icon name="check" /> {t("Decide")}
      </a>
    );
  const refusal = store.boot.cannot?.steer;
  const [icon, name] = LOOKS[verb];
  const busy = sent === view.status;
  const send = async () => {
    setSent(view.status);
    try {
      await steer(store, verb, used === null ? null : Number(steps || used * 2));
    } catch (error) {
      setSent(null);
      onProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      {used !== null && !refusal && (
        <label className="rp-head__steps">
          {t("Steps allowed")}
          <input
            className="input"
            type="number"
            min={used + 1}
            value={steps || used * 2}
            onChange={(event) => setSteps(event.currentTarget.value)}
          />
        </label>
      )}
      <ReasonedButton className="button" disabled={busy} why={refusal} onClick={send}>
        <Icon name={icon} /> {name}
      </ReasonedButton>
    </>
  );
}

/** The step budget that stopped the run, if it was that: it goes on with more only. */
function stepsUsed(store: RunStore, view: RunView): number | null {
  const error: RunError | null = view.error ?? readError(store.boot.run.error);
  return error?.code === "E_STEP_BUDGET" ? readNumber(error.details.max_steps) : null;
}

async function steer(store: RunStore, verb: Verb, steps: number | null): Promise<void> {
  const { run, urls } = store.boot;
  const body = verb === "pause" ? { reason: "Paused on the run page" } : limits(steps);
  await postJson(`${urls.api}/runs/${run.id}/${verb}`, body);
  // The journal of a run that had failed is followed no more: the page begins anew.
  if (verb === "retry") window.location.reload();
}

function limits(steps: number | null): object {
  return steps === null ? {} : { limits: { max_steps: steps } };
}
