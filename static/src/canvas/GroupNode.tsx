import type { NodeProps } from "@xyflow/react";
import { memo, type ReactElement, useContext, useLayoutEffect, useRef } from "react";
import { type NodeStatus, STATUS_WORDS } from "../model/runstate";
import { markOf } from "../model/shown";
import { t, tn, tp } from "../words/t";
import { useTelling } from "./board";
import { CanvasContext } from "./context";
import type { GroupData, GroupElement } from "./elements";
import { Icon, StatusRing } from "./icons";
import { PortHandle } from "./PortHandle";

/** A collapsed group: one box, with the wires of all its steps. */
export const GroupNode = memo(function GroupNode({ data, selected }: NodeProps<GroupElement>) {
  const { register, openGroup } = useContext(CanvasContext);
  const ref = useRef<HTMLDivElement>(null);
  const { group } = data;
  const status = useTelling(data.nodes);
  useLayoutEffect(() => register(markOf(group), ref.current), [group, register]);
  return (
    <>
      <div
        ref={ref}
        className={classes(data, status, selected)}
        data-group={group}
        role="button"
        tabIndex={data.tabStop ? 0 : -1}
        aria-label={spoken(data, status)}
        aria-roledescription={t("group")}
        aria-expanded={false}
      >
        <span className="step__icon step__icon--group">
          <Icon name="group" size={20} />
        </span>
        {status && (
          <span className="step__status">
            <StatusRing status={status} />
          </span>
        )}
        <span className="step__words">
          <span className="step__title">{data.title}</span>
          <span className="step__tool">{steps(data.nodes.length)}</span>
        </span>
        <Badges data={data} />
      </div>
      <button
        type="button"
        className="group-box__open nodrag"
        tabIndex={-1}
        title={t("Open the group (Enter)")}
        onClick={() => openGroup(group)}
      >
        <Icon name="expand" size={14} />
        <span className="visually-hidden">{t("Open the group {name}", { name: data.title })}</span>
      </button>
      {data.geometry.ports.map((port) => (
        <PortHandle key={port.id} port={port} editable={false} />
      ))}
    </>
  );
});

export const steps = (count: number) => tn("{count} step", "{count} steps", count);

function classes(data: GroupData, status: NodeStatus | null, selected: boolean): string {
  const words = ["step", "group-box"];
  if (selected) words.push("step--selected");
  if (data.candidate) words.push("step--candidate");
  if (status) words.push(`step--${status}`);
  if (data.errors > 0) words.push("step--faulty");
  return words.join(" ");
}

function spoken(data: GroupData, status: NodeStatus | null): string {
  const parts = [
    t("Group {name}", { name: data.title }),
    steps(data.nodes.length),
    tp("group", "closed"),
  ];
  if (status) parts.push(STATUS_WORDS[status]);
  if (data.errors) parts.push(tn("{count} error", "{count} errors", data.errors));
  if (data.warnings) parts.push(tn("{count} warning", "{count} warnings", data.warnings));
  return parts.join(", ");
}

function Badges({ data }: { data: GroupData }): ReactElement | null {
  const problems = data.errors + data.warnings;
  if (problems === 0) return null;
  return (
    <span className={data.errors ? "step__problems step__problems--error" : "step__problems"}>
      <Icon name="warning" size={12} />
      {problems}
    </span>
  );
}
