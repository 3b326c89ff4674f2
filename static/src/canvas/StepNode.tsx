import type { NodeProps } from "@xyflow/react";
import { memo, type ReactElement, useContext, useLayoutEffect, useRef } from "react";
import { type NodeState, STATUS_WORDS } from "../model/runstate";
import { duration } from "../run/words";
import { t, tn } from "../words/t";
import { useNodeState } from "./board";
import { CHANGE_SIGN, changeWord } from "./changeSigns";
import { CanvasContext } from "./context";
import type { StepData, StepElement } from "./elements";
import { Icon, StatusRing } from "./icons";
import { PinMark } from "./PinMark";
import { PortHandle } from "./PortHandle";

/** One node of the canvas: a button that Tab and the arrow keys reach, with its ports. */
export const StepNode = memo(function StepNode({ id, data, selected }: NodeProps<StepElement>) {
  const { register } = useContext(CanvasContext);
  const ref = useRef<HTMLDivElement>(null);
  const state = useNodeState(id);
  // Leaving the screen takes the element away; the canvas then holds the keyboard for it.
  useLayoutEffect(() => register(id, ref.current), [id, register]);
  return (
    <>
      <div
        ref={ref}
        className={classes(data, state, selected)}
        data-node={id}
        role="button"
        tabIndex={data.tabStop ? 0 : -1}
        aria-label={spoken(data, state)}
        aria-roledescription={t("step")}
        aria-pressed={selected}
      >
        <span className={`step__icon step__icon--${data.type}`}>
          <Icon name={data.icon} size={20} />
        </span>
        {state && <Status state={state} />}
        <span className="step__words">
          <span className="step__title">{data.title}</span>
          <span className="step__tool">{data.subtitle}</span>
        </span>
        {data.entry && (
          <span className="step__entry">
            <Icon name="entry" size={10} /> {t("Start")}
          </span>
        )}
        <Badges data={data} />
      </div>
      <Rounds id={id} data={data} count={state?.count ?? 0} />
      {data.geometry.ports.map((port) => (
        <PortHandle key={port.id} port={port} editable={data.editable} />
      ))}
    </>
  );
});

function classes(data: StepData, state: NodeState | null, selected: boolean): string {
  const words = ["step"];
  if (selected) words.push("step--selected");
  if (data.disabled) words.push("step--off");
  if (data.candidate) words.push("step--candidate");
  if (state) words.push(`step--${state.status}`);
  if (data.errors > 0) words.push("step--faulty");
  if (data.change) words.push(`step--${data.change}`);
  return words.join(" ");
}

function spoken(data: StepData, state: NodeState | null): string {
  const parts = [data.title, data.subtitle];
  if (data.entry) parts.push(t("start"));
  if (data.disabled) parts.push(t("switched off"));
  if (data.pinned) parts.push(t("pinned"));
  if (state) parts.push(STATUS_WORDS[state.status]);
  if (state && state.count > 1) parts.push(tn("{count} time", "{count} times", state.count));
  if (data.change) parts.push(changeWord(data.change));
  if (data.errors) parts.push(tn("{count} error", "{count} errors", data.errors));
  if (data.warnings) parts.push(tn("{count} warning", "{count} warnings", data.warnings));
  return parts.join(", ");
}

function Status({ state }: { state: NodeState }): ReactElement {
  const timed = state.ms !== null;
  return (
    <span className={timed ? "step__status step__status--timed" : "step__status"}>
      <StatusRing status={state.status} />
      {state.ms !== null && <span className="step__time">{duration(state.ms)}</span>}
    </span>
  );
}

/** How often a step was done, of how often it may be. Beside the step, as it is a button of its own. */
function Rounds(props: { id: string; data: StepData; count: number }): ReactElement | null {
  const { id, data, count } = props;
  const { openRounds } = useContext(CanvasContext);
  if (count < 1 || (count === 1 && data.rounds === null)) return null;
  const of = data.rounds === null ? "" : `/${data.rounds}`;
  return (
    <button
      type="button"
      className="step__rounds nodrag nopan"
      tabIndex={-1}
      aria-label={roundWords(data.title, count, data.rounds)}
      title={t("Look at one round after the other")}
      onClick={() => openRounds(id)}
    >
      ⟲{count}
      {of}
    </button>
  );
}

function roundWords(step: string, round: number, rounds: number | null): string {
  return rounds === null
    ? t("{step}: round {round}", { step, round })
    : t("{step}: round {round} of {rounds}", { step, round, rounds });
}

function Badges({ data }: { data: StepData }): ReactElement {
  const problems = data.errors + data.warnings;
  return (
    <>
      {data.change && (
        <span className={`change-sign change-sign--${data.change}`}>
          {CHANGE_SIGN[data.change]}
        </span>
      )}
      {data.pinned && (
        <span className="step__pin" title={t("Pinned: test runs do not call it")}>
          <PinMark />
        </span>
      )}
      {problems > 0 && (
        <span className={data.errors ? "step__problems step__problems--error" : "step__problems"}>
          <Icon name="warning" size={12} />
          {problems}
        </span>
      )}
    </>
  );
}
