import {
  type ConnectionLineComponentProps,
  EdgeLabelRenderer,
  type EdgeProps,
} from "@xyflow/react";
import { memo, type ReactElement, useContext } from "react";
import { type Budget, budgetMark, budgetOf, budgetWords } from "../model/budget";
import type { EdgeSpec, Point } from "../model/document";
import { edgeWords, kindOf } from "../model/edges";
import { cut, LABEL_LETTERS, spotOf } from "../model/labels";
import { type EdgePath, edgePath } from "../model/paths";
import type { EdgeState } from "../model/runstate";
import { t, tn } from "../words/t";
import { useEdgeState } from "./board";
import { CHANGE_SIGN, changeWord } from "./changeSigns";
import { CanvasContext } from "./context";
import { HANDLE_REACH, type WireData, type WireElement } from "./elements";
import { Icon } from "./icons";

/** One edge of the canvas with its label; a click on the label edits the condition. */
export const WireEdge = memo(function WireEdge(props: EdgeProps<WireElement>) {
  const { data, selected } = props;
  const state = useEdgeState(props.id);
  if (!data) return null;
  const source: Point = [props.sourceX - HANDLE_REACH, props.sourceY];
  const target: Point = [props.targetX + HANDLE_REACH - PORT_RADIUS, props.targetY];
  const path = edgePath(source, target, data.lane, data.floor);
  return (
    <>
      <g className={classes(data, state, selected === true)}>
        <path className="wire__hit" d={path.d} />
        <path className="wire__line" d={path.d} />
        <path className="wire__head" d={head(target)} />
        {state?.reason && <title>{state.reason}</title>}
      </g>
      <WireLabel data={data} state={state} selected={selected === true} path={path} />
    </>
  );
});

const PORT_RADIUS = 6;
const head = ([x, y]: Point) => `M${x - 8},${y - 5} L${x},${y} L${x - 8},${y + 5}`;

function classes(data: WireData, state: EdgeState | null, selected: boolean): string {
  const words = ["wire", `wire--${kindOf(data.edge)}`];
  if (data.edge.when !== undefined || data.edge.else) words.push("wire--conditional");
  if (selected) words.push("wire--selected");
  if (data.problem) words.push("wire--faulty");
  if (data.landing) words.push("wire--landing");
  if (data.change) words.push(`wire--${data.change}`);
  if (state?.taken) words.push("wire--taken");
  else if (data.running && !state?.open) words.push("wire--untaken");
  return words.join(" ");
}

/** The wire that follows the pointer while a person draws it. */
export function DrawnWire({ fromX, fromY, toX, toY }: ConnectionLineComponentProps): ReactElement {
  const path = edgePath([fromX - HANDLE_REACH, fromY], [toX, toY]);
  return <path className="wire__drawn" d={path.d} />;
}

interface LabelProps {
  readonly data: WireData;
  readonly state: EdgeState | null;
  readonly selected: boolean;
  readonly path: EdgePath;
}

function WireLabel(props: LabelProps): ReactElement | null {
  const { data, state, selected, path } = props;
  const { openEdge, insertInto } = useContext(CanvasContext);
  const { edge } = data;
  // What the edge leaves on stands beside its port already.
  const text = edge.else ? t("else") : (edge.when ?? "");
  const budget = budgetOf(edge, data.loops);
  const rounds = budgetMark(budget);
  const count = state && state.taken > 1 ? `×${state.taken}` : "";
  const quiet = !text && !rounds && !data.loops && !count && !data.problem && !data.change;
  if (quiet && !data.chosen) return null;
  const { at, lift } = spotOf(path, text, data.under);
  return (
    <EdgeLabelRenderer>
      <div
        className="pill__place nodrag nopan"
        style={{ transform: `translate(-50%, -50%) translate(${at[0]}px, ${at[1]}px)` }}
      >
        {lift !== 0 && (
          <span
            className="pill__stem"
            style={{ height: Math.abs(lift), marginTop: Math.min(0, lift) }}
          />
        )}
        <button
          type="button"
          className={pillClasses(data, state, selected)}
          data-edge={edge.id}
          tabIndex={-1}
          aria-label={spoken(edge, data, state, budget)}
          title={tooltip(data.problem ?? state?.reason, text, budget)}
          onClick={() => openEdge(edge.id)}
        >
          {data.change && (
            <span className={`change-sign change-sign--${data.change}`} aria-hidden="true">
              {CHANGE_SIGN[data.change]}
            </span>
          )}
          {data.loops && <span aria-hidden="true">⟲</span>}
          {text ? (
            <span className={edge.else ? "pill__else" : "pill__text"}>
              {cut(text, LABEL_LETTERS - 2 * count.length)}
            </span>
          ) : (
            quiet && <span className="pill__text">{t("if…")}</span>
          )}
          {rounds && (
            <span className={budget?.own ? "pill__max" : "pill__max pill__max--given"}>
              {rounds}
            </span>
          )}
          {count && <span className="pill__count">{count}</span>}
          {data.problem && <Icon name="warning" size={12} />}
        </button>
        {data.chosen && (
          <button
            type="button"
            className="pill__insert"
            tabIndex={-1}
            aria-label={t("Insert a step between {from} and {to}", {
              from: data.from,
              to: data.to,
            })}
            title={t("Insert a step here (N)")}
            onClick={() => insertInto(edge.id)}
          >
            <Icon name="add" size={12} />
          </button>
        )}
      </div>
    </EdgeLabelRenderer>
  );
}

/** What is wrong or was decided, and always the condition in full where it is cut. */
function tooltip(
  told: string | null | undefined,
  text: string,
  budget: Budget | null,
): string | undefined {
  if (!told) return hint(text, budget);
  return text.length > LABEL_LETTERS && !told.includes(text) ? `${text} · ${told}` : told;
}

function hint(text: string, budget: Budget | null): string | undefined {
  const said = text ? (text.length > LABEL_LETTERS ? text : "") : t("Add a condition (Enter)");
  const given = budget && (!budget.own || budget.times === null) ? budgetWords(budget) : "";
  return [said, given].filter(Boolean).join(" · ") || undefined;
}

function pillClasses(data: WireData, state: EdgeState | null, selected: boolean): string {
  const words = ["pill", `pill--${kindOf(data.edge)}`];
  if (data.edge.when !== undefined || data.edge.else) words.push("pill--conditional");
  if (selected) words.push("pill--selected");
  if (data.problem) words.push("pill--faulty");
  if (data.running && !state?.taken && !state?.open) words.push("pill--untaken");
  return words.join(" ");
}

function spoken(
  edge: EdgeSpec,
  data: WireData,
  state: EdgeState | null,
  budget: Budget | null,
): string {
  const parts = [
    t("Connection from {from} to {to}", { from: data.from, to: data.to }),
    edgeWords(edge),
  ];
  if (budget) parts.push(budgetWords(budget));
  if (data.change) parts.push(changeWord(data.change));
  if (state) parts.push(tn("taken {count} time", "taken {count} times", state.taken));
  if (data.problem) parts.push(data.problem);
  return parts.join(", ");
}
