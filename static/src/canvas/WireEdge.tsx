import {
  type ConnectionLineComponentProps,
  EdgeLabelRenderer,
  type EdgeProps,
} from "@xyflow/react";
import { memo, type ReactElement, useContext } from "react";
import type { EdgeSpec, Point } from "../model/document";
import { kindOf, LABEL_LETTERS, labelOf } from "../model/edges";
import { edgePath } from "../model/paths";
import { CanvasContext } from "./context";
import { HANDLE_REACH, type WireData, type WireElement } from "./elements";
import { Icon } from "./icons";

/** One edge of the canvas with its label; a click on the label edits the condition. */
export const WireEdge = memo(function WireEdge(props: EdgeProps<WireElement>) {
  const { data, selected } = props;
  if (!data) return null;
  const source: Point = [props.sourceX - HANDLE_REACH, props.sourceY];
  const target: Point = [props.targetX + HANDLE_REACH - PORT_RADIUS, props.targetY];
  const path = edgePath(source, target, data.lane, data.floor);
  return (
    <>
      <g className={classes(data, selected === true)}>
        <path className="wire__hit" d={path.d} />
        <path className="wire__line" d={path.d} />
        <path className="wire__head" d={head(target)} />
        {data.state?.reason && <title>{data.state.reason}</title>}
      </g>
      <WireLabel data={data} selected={selected === true} at={path.middle} />
    </>
  );
});

const PORT_RADIUS = 6;
const head = ([x, y]: Point) => `M${x - 8},${y - 5} L${x},${y} L${x - 8},${y + 5}`;

function classes(data: WireData, selected: boolean): string {
  const words = ["wire", `wire--${kindOf(data.edge)}`];
  if (data.edge.when !== undefined || data.edge.else) words.push("wire--conditional");
  if (selected) words.push("wire--selected");
  if (data.problem) words.push("wire--faulty");
  if (data.running) words.push(data.state?.taken ? "wire--taken" : "wire--untaken");
  return words.join(" ");
}

/** The wire that follows the pointer while a person draws it. */
export function DrawnWire({ fromX, fromY, toX, toY }: ConnectionLineComponentProps): ReactElement {
  const path = edgePath([fromX - HANDLE_REACH, fromY], [toX, toY]);
  return <path className="wire__drawn" d={path.d} />;
}

interface LabelProps {
  readonly data: WireData;
  readonly selected: boolean;
  readonly at: Point;
}

function WireLabel({ data, selected, at: [x, y] }: LabelProps): ReactElement | null {
  const { openEdge, insertInto } = useContext(CanvasContext);
  const { edge } = data;
  // What the edge leaves on stands beside its port already.
  const text = edge.else ? "else" : (edge.when ?? "");
  const rounds = typeof edge.max === "number" ? `max ${edge.max}` : "";
  const count = data.state && data.state.taken > 1 ? `×${data.state.taken}` : "";
  const quiet = !text && !rounds && !data.loops && !count && !data.problem;
  if (quiet && !data.chosen) return null;
  return (
    <EdgeLabelRenderer>
      <div
        className="pill__place nodrag nopan"
        style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
      >
        <button
          type="button"
          className={pillClasses(data, selected)}
          data-edge={edge.id}
          tabIndex={-1}
          aria-label={spoken(edge, data)}
          title={data.problem ?? data.state?.reason ?? hint(text)}
          onClick={() => openEdge(edge.id)}
        >
          {data.loops && <span aria-hidden="true">⟲</span>}
          {text ? (
            <span className={edge.else ? "pill__else" : "pill__text"}>{shorten(text)}</span>
          ) : (
            quiet && <span className="pill__text">if…</span>
          )}
          {rounds && <span className="pill__max">{rounds}</span>}
          {count && <span className="pill__count">{count}</span>}
          {data.problem && <Icon name="warning" size={12} />}
        </button>
        {data.chosen && (
          <button
            type="button"
            className="pill__insert"
            tabIndex={-1}
            aria-label={`Insert a step between ${edge.from} and ${edge.to}`}
            title="Insert a step here (N)"
            onClick={() => insertInto(edge.id)}
          >
            <Icon name="add" size={12} />
          </button>
        )}
      </div>
    </EdgeLabelRenderer>
  );
}

const shorten = (text: string) =>
  text.length > LABEL_LETTERS ? `${text.slice(0, LABEL_LETTERS - 1)}…` : text;

function hint(text: string): string | undefined {
  if (!text) return "Add a condition (Enter)";
  return text.length > LABEL_LETTERS ? text : undefined;
}

function pillClasses(data: WireData, selected: boolean): string {
  const words = ["pill", `pill--${kindOf(data.edge)}`];
  if (data.edge.when !== undefined || data.edge.else) words.push("pill--conditional");
  if (selected) words.push("pill--selected");
  if (data.problem) words.push("pill--faulty");
  if (data.running && !data.state?.taken) words.push("pill--untaken");
  return words.join(" ");
}

function spoken(edge: EdgeSpec, data: WireData): string {
  const parts = [`Connection from ${edge.from} to ${edge.to}`, labelOf(edge) || "always"];
  if (typeof edge.max === "number") parts.push(`at most ${edge.max} times`);
  if (data.state) parts.push(`taken ${data.state.taken} times`);
  if (data.problem) parts.push(data.problem);
  return parts.join(", ");
}
