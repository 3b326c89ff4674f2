import { Keyed } from "./keyed";
import type { Activation, RunView } from "./view";

type Nodes = RunView["nodes"];

const orders = new WeakMap<Nodes, readonly Activation[]>();
let newest: { readonly nodes: Nodes; readonly visits: readonly Activation[] } | null = null;

/**
 * Every visit of a run in the order they began. Several panels ask for it with each event, so it is
 * remembered, and made of the one before: an event touches a node or two of thousands.
 */
export function visitsInOrder({ nodes }: RunView): readonly Activation[] {
  const known = orders.get(nodes);
  if (known) return known;
  const { visits, touched } = newest ? untouched(newest, nodes) : fresh(nodes);
  for (const id of touched)
    for (const visit of nodes.get(id)?.activations ?? []) visits.push(visit);
  visits.sort((a, b) => a.startedSeq - b.startedSeq);
  orders.set(nodes, visits);
  newest = { nodes, visits };
  return visits;
}

interface Begun {
  readonly visits: Activation[];
  /** Nodes whose visits are still to be added. */
  readonly touched: Iterable<string>;
}

const NONE: Nodes = new Keyed();

const fresh = (nodes: Nodes): Begun => ({ visits: [], touched: nodes.differing(NONE) });

function untouched(before: NonNullable<typeof newest>, nodes: Nodes): Begun {
  const touched = new Set(nodes.differing(before.nodes));
  return { visits: before.visits.filter((visit) => !touched.has(visit.node)), touched };
}
