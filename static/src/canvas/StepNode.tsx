import { Handle, type NodeProps, Position } from "@xyflow/react";
import { memo, type ReactElement, useContext, useLayoutEffect, useRef } from "react";
import type { Port } from "../model/geometry";
import { type NodeState, STATUS_WORDS } from "../model/runstate";
import { duration } from "../run/words";
import { CanvasContext } from "./context";
import type { StepData, StepElement } from "./elements";
import { Icon, StatusRing } from "./icons";

/** One node of the canvas: a button that Tab and the arrow keys reach, with its ports. */
export const StepNode = memo(function StepNode({ id, data, selected }: NodeProps<StepElement>) {
  const { register } = useContext(CanvasContext);
  const ref = useRef<HTMLDivElement>(null);
  // Leaving the screen takes the element away; the canvas then holds the keyboard for it.
  useLayoutEffect(() => register(id, ref.current), [id, register]);
  return (
    <>
      <div
        ref={ref}
        className={classes(data, selected)}
        data-node={id}
        role="button"
        tabIndex={data.tabStop ? 0 : -1}
        aria-label={spoken(data)}
        aria-roledescription="step"
        aria-pressed={selected}
      >
        <span className={`step__icon step__icon--${data.type}`}>
          <Icon name={data.icon} size={20} />
        </span>
        {data.state && <Status state={data.state} />}
        <span className="step__words">
          <span className="step__title">{data.title}</span>
          <span className="step__tool">{data.subtitle}</span>
        </span>
        {data.entry && (
          <span className="step__entry">
            <Icon name="entry" size={10} /> Start
          </span>
        )}
        <Badges data={data} />
      </div>
      {data.geometry.ports.map((port) => (
        <PortHandle key={port.id} port={port} editable={data.editable} />
      ))}
    </>
  );
});

function classes(data: StepData, selected: boolean): string {
  const words = ["step"];
  if (selected) words.push("step--selected");
  if (data.disabled) words.push("step--off");
  if (data.candidate) words.push("step--candidate");
  if (data.state) words.push(`step--${data.state.status}`);
  if (data.errors > 0) words.push("step--faulty");
  return words.join(" ");
}

function spoken(data: StepData): string {
  const parts = [data.title, data.subtitle];
  if (data.entry) parts.push("start");
  if (data.disabled) parts.push("switched off");
  if (data.state) parts.push(STATUS_WORDS[data.state.status]);
  if (data.state && data.state.count > 1) parts.push(`${data.state.count} times`);
  if (data.errors) parts.push(`${data.errors} ${data.errors === 1 ? "error" : "errors"}`);
  if (data.warnings) parts.push(`${data.warnings} ${data.warnings === 1 ? "warning" : "warnings"}`);
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

function Badges({ data }: { data: StepData }): ReactElement {
  const count = data.state?.count ?? 0;
  const problems = data.errors + data.warnings;
  return (
    <>
      {(count > 1 || (count > 0 && data.rounds !== null)) && (
        <span className="step__rounds">
          ⟲{count}
          {data.rounds !== null && `/${data.rounds}`}
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

function PortHandle({ port, editable }: { port: Port; editable: boolean }): ReactElement {
  const out = port.side === "out";
  return (
    <>
      <Handle
        id={port.id}
        type={out ? "source" : "target"}
        position={out ? Position.Right : Position.Left}
        className={`port port--${port.id}`}
        isConnectable={editable}
        style={{ top: port.y }}
      />
      {out && port.id !== "ok" && (
        <span className={`port__name port__name--${port.id}`} style={{ top: port.y }}>
          {port.id}
        </span>
      )}
    </>
  );
}
