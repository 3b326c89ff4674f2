/** Which part of the draft a test run goes through, and what it is asked with. Pure. */
import type { Json } from "../../model/document";
import type { Pins } from "../../model/pins";
import { t } from "../../words/t";

export type Reach = "all" | "to" | "only" | "from";

/** A test run as it was asked for: all of the draft, or a part of it at a node. */
export interface RunPlan {
  readonly reach: Reach;
  readonly node: string | null;
}

export const WHOLE: RunPlan = { reach: "all", node: null };

export type State = Readonly<Record<string, Json>>;

/** What the person said in the dialog. */
export interface RunWish {
  readonly plan: RunPlan;
  /** The first state; with `base` what is put over the state that this run came to the node with. */
  readonly state: State;
  readonly base: string | null;
  readonly pins: Pins;
}

export interface RunBody {
  readonly draft: true;
  readonly state: State;
  readonly from?: string | { readonly node: string; readonly run: string };
  readonly to?: string;
  readonly pinned?: Pins;
}

/** Whether the run begins at the node, and so needs the state that the node sees. */
export const beginsThere = ({ reach }: RunPlan): boolean => reach === "only" || reach === "from";

/** The pins that count: a step that runs alone is called, even if it is pinned. */
export function countingPins({ reach, node }: RunPlan, pins: Pins): Pins {
  if (reach !== "only" || node === null) return pins;
  return Object.fromEntries(Object.entries(pins).filter(([id]) => id !== node));
}

/** The body of the start. */
export function bodyOf({ plan, state, base, pins }: RunWish): RunBody {
  const { reach, node } = plan;
  const counting = countingPins(plan, pins);
  const pinned = Object.keys(counting).length ? { pinned: counting } : {};
  if (node === null || reach === "all") return { draft: true, state, ...pinned };
  const from = base === null ? node : { node, run: base };
  return {
    draft: true,
    state,
    ...(beginsThere(plan) ? { from } : {}),
    ...(reach === "from" ? {} : { to: node }),
    ...pinned,
  };
}

/** A run in words: what the button and the title say. `title` is what the node is called. */
export function planWords({ reach }: RunPlan, title: string): string {
  if (reach === "to") return t("Run to “{title}”", { title });
  if (reach === "only") return t("Run only “{title}”", { title });
  if (reach === "from") return t("Run from “{title}”", { title });
  return t("Run the draft");
}
