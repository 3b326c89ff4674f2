/**
 * What a run did to the steps and wires of a canvas, beside the elements: each step and wire looks
 * up its own, so that an event of a run draws one of thousands anew and React Flow hears nothing.
 */
import { createContext, useContext, useLayoutEffect, useMemo, useSyncExternalStore } from "react";
import { type EdgeState, type NodeState, type NodeStatus, tellingOf } from "../model/runstate";

/** The states of all nodes and edges at one moment of a run. */
export interface RunStates {
  node(id: string): NodeState;
  edge(id: string): EdgeState;
  /** What may differ from another moment; null when anything may. */
  since(before: RunStates): Touched | null;
}

export interface Touched {
  readonly nodes: readonly string[];
  readonly edges: readonly string[];
}

type Watcher = () => void;
/** Told what an event touched; null when anything may be another now. */
type Listener = (touched: Touched | null) => void;

export class StateBoard {
  #states: RunStates | null;
  readonly #nodes = new Map<string, Set<Watcher>>();
  readonly #edges = new Map<string, Set<Watcher>>();
  readonly #all = new Set<Listener>();

  constructor(states: RunStates | null = null) {
    this.#states = states;
  }

  /** Null where no run is shown. */
  get states(): RunStates | null {
    return this.#states;
  }

  /** Tell those whose states are other ones now, and only them. */
  show(states: RunStates | null): void {
    const before = this.#states;
    if (states === before) return;
    this.#states = states;
    const touched = before && states ? states.since(before) : null;
    if (touched) {
      for (const id of touched.nodes) tell(this.#nodes.get(id));
      for (const id of touched.edges) tell(this.#edges.get(id));
      if (touched.nodes.length + touched.edges.length === 0) return;
    } else {
      for (const watchers of [...this.#nodes.values(), ...this.#edges.values()]) tell(watchers);
    }
    for (const listener of this.#all) listener(touched);
  }

  readonly watchNode = (id: string, watcher: Watcher) => watch(this.#nodes, id, watcher);
  readonly watchEdge = (id: string, watcher: Watcher) => watch(this.#edges, id, watcher);

  /** Hear of every change. */
  readonly watch = (listener: Listener): (() => void) => {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  };
}

function watch(places: Map<string, Set<Watcher>>, id: string, watcher: Watcher): () => void {
  const watchers = places.get(id) ?? new Set();
  places.set(id, watchers.add(watcher));
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0 && places.get(id) === watchers) places.delete(id);
  };
}

function tell(watchers: ReadonlySet<Watcher> | undefined): void {
  for (const watcher of watchers ?? []) watcher();
}

export const NO_RUN = new StateBoard();
export const BoardContext = createContext<StateBoard>(NO_RUN);

/** The board of a canvas that shows these states; null while no run is shown. */
export function useBoard(states: RunStates | null): StateBoard {
  // biome-ignore lint/correctness/useExhaustiveDependencies: one board for the life of the canvas
  const board = useMemo(() => new StateBoard(states), []);
  useLayoutEffect(() => board.show(states), [board, states]);
  return board;
}

/** What the run did to a node; null where no run is shown. */
export function useNodeState(id: string): NodeState | null {
  const board = useContext(BoardContext);
  const subscribe = useMemo(() => (told: Watcher) => board.watchNode(id, told), [board, id]);
  return useSyncExternalStore(subscribe, () => board.states?.node(id) ?? null);
}

/** What the run did to an edge; null where no run is shown. */
export function useEdgeState(id: string): EdgeState | null {
  const board = useContext(BoardContext);
  const subscribe = useMemo(() => (told: Watcher) => board.watchEdge(id, told), [board, id]);
  return useSyncExternalStore(subscribe, () => board.states?.edge(id) ?? null);
}

/** The most telling of what nodes are in a run; null where no run is shown. */
export function useTelling(nodes: readonly string[]): NodeStatus | null {
  const board = useContext(BoardContext);
  return useSyncExternalStore(board.watch, () => {
    const { states } = board;
    return states && tellingOf(nodes.map((id) => states.node(id).status));
  });
}
