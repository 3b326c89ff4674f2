import type { EdgeSpec, GraphDocument } from "../model/document";
import { t } from "../words/t";
import type { Decision } from "./payloads";
import type { Activation, RunView } from "./view";
import { hasEnded } from "./view";
import { decisionInWords, titleOf } from "./words";

/** One edge with what was decided for it, or null when its node never decided. */
export interface EdgeReason {
  readonly edge: EdgeSpec;
  readonly decision: Decision | null;
  readonly words: string;
}

/** Why a visit took place: the edges that led to it, newest passages before its start. */
export function whyItRan(
  document: GraphDocument,
  view: RunView,
  visit: Activation,
): readonly EdgeReason[] {
  if (visit.via) return whyItJoined(document, view, visit, visit.via);
  const before = previousStart(view, visit);
  const led = waysInto(document, visit.node).flatMap((edge) => {
    const passage = view.edges
      .get(edge.id)
      ?.passages.findLast((each) => each.taken && each.seq <= visit.startedSeq);
    return passage ? [{ edge, passage }] : [];
  });
  // Two tokens may arrive before the first visit starts; then older passages tell why.
  const fresh = led.filter(({ passage }) => passage.seq >= before);
  return (fresh.length > 0 ? fresh : led).map(({ edge, passage }) =>
    reasonOf(document, edge, passage),
  );
}

/** The journal names the ways a join took; their newest passages tell why those were open. */
function whyItJoined(
  document: GraphDocument,
  view: RunView,
  visit: Activation,
  via: readonly string[],
): readonly EdgeReason[] {
  return document.edges
    .filter((edge) => edge.to === visit.node && via.includes(edge.id))
    .map((edge) => {
      const passage = view.edges
        .get(edge.id)
        ?.passages.findLast((each) => each.taken && each.seq <= visit.startedSeq);
      if (passage) return reasonOf(document, edge, passage);
      return {
        edge,
        decision: null,
        words: t("{step} was done", { step: titleOf(document, edge.from) }),
      };
    });
}

/** What a finished visit decided for each edge that leaves its node. */
export function whatItDecided(document: GraphDocument, visit: Activation): readonly EdgeReason[] {
  return document.edges
    .filter((edge) => edge.from === visit.node)
    .map((edge) => {
      const decision = visit.decisions.find((each) => each.edge === edge.id) ?? null;
      return decision ? reasonOf(document, edge, decision) : passedOver(edge);
    });
}

/** The journal leaves out ways whose turn never came. */
function passedOver(edge: EdgeSpec): EdgeReason {
  const when =
    edge.on && edge.on !== "ok"
      ? t("Only after {on}", { on: edge.on })
      : t("Another way was chosen first");
  return { edge, decision: null, words: edge.else ? t("Another condition was true") : when };
}

/** Why a node has not run: for each way into it, what stood against it. */
export function whyNot(
  document: GraphDocument,
  view: RunView,
  node: string,
): readonly EdgeReason[] {
  return waysInto(document, node).map((edge) => {
    const last = view.edges.get(edge.id)?.passages.at(-1) ?? null;
    if (last) return reasonOf(document, edge, last);
    return { edge, decision: null, words: silence(document, view, edge) };
  });
}

/** One sentence on a node without visits. */
export function whyNotInShort(document: GraphDocument, view: RunView, node: string): string {
  if (!hasEnded(view.status)) return t("This step has not run yet.");
  const ways = whyNot(document, view, node);
  if (ways.length === 0) return t("The run ended before this step was its turn.");
  return ways.length === 1
    ? t("Skipped: the only way to this step was not taken.")
    : t("Skipped: none of the {n} ways to this step was taken.", { n: ways.length });
}

function waysInto(document: GraphDocument, node: string): readonly EdgeSpec[] {
  return document.edges.filter((edge) => edge.to === node);
}

function reasonOf(document: GraphDocument, edge: EdgeSpec, decision: Decision): EdgeReason {
  const words = decision.when ? decisionInWords(decision) : plainWords(document, edge, decision);
  return { edge, decision, words };
}

function plainWords(document: GraphDocument, edge: EdgeSpec, decision: Decision): string {
  if (decision.reason) return decision.reason;
  const from = titleOf(document, edge.from);
  // Of an else that was taken the journal gives the reason.
  if (edge.else) return t("Another condition was true");
  if (edge.on && edge.on !== "ok") return t("{step} ended with {on}", { step: from, on: edge.on });
  return decision.taken ? t("{step} was done", { step: from }) : t("Not taken");
}

function silence(document: GraphDocument, view: RunView, edge: EdgeSpec): string {
  const from = view.nodes.get(edge.from);
  const name = titleOf(document, edge.from);
  if (!from)
    return hasEnded(view.status)
      ? t("{step} did not run either", { step: name })
      : t("{step} has not run yet", { step: name });
  if (from.status === "error") return t("{step} failed", { step: name });
  return from.status === "running"
    ? t("{step} is still running", { step: name })
    : t("{step} decided nothing for it", { step: name });
}

/** Where the visit before this one began, so that its passages are not told twice. */
function previousStart(view: RunView, visit: Activation): number {
  const before = view.nodes
    .get(visit.node)
    ?.activations.findLast((each) => each.visit < visit.visit);
  return before?.startedSeq ?? 0;
}
