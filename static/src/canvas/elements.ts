/**
 * From the document and what is shown over it to the elements React Flow takes. Elements keep
 * their identity while nothing about them changed, so one status change renders one node.
 */
import { type Edge, type Node, type NodeHandle, Position } from "@xyflow/react";
import type { EdgeSpec, GraphDocument, Point } from "../model/document";
import { kindOf } from "../model/edges";
import { type NodeGeometry, type Rect, sceneOf } from "../model/geometry";
import { cycleEdges } from "../model/layout";
import { edgeWays } from "../model/paths";
import type { EdgeState, NodeState } from "../model/runstate";
import { onlyEdge, type Selection } from "../model/selection";
import type { IconName } from "./icons";
import { nodeLook, type ToolLook } from "./look";

export interface StepData extends Record<string, unknown> {
  readonly title: string;
  readonly subtitle: string;
  readonly icon: IconName;
  readonly type: string;
  readonly geometry: NodeGeometry;
  readonly entry: boolean;
  readonly disabled: boolean;
  readonly state: NodeState | null;
  /** The most rounds its loop may take; null outside loops. */
  readonly rounds: number | null;
  readonly errors: number;
  readonly warnings: number;
  /** Whether Tab stops here: one node of the canvas has it. */
  readonly tabStop: boolean;
  readonly candidate: boolean;
  readonly editable: boolean;
}

export interface WireData extends Record<string, unknown> {
  readonly edge: EdgeSpec;
  readonly lane: number;
  readonly floor: number;
  readonly loops: boolean;
  readonly state: EdgeState | null;
  /** True while a run is shown, so that edges it did not take are drawn faint. */
  readonly running: boolean;
  readonly problem: string | null;
  readonly editable: boolean;
  /** The only thing that is selected, and open for changes. */
  readonly chosen: boolean;
}

export type StepElement = Node<StepData, "step">;
export type WireElement = Edge<WireData, "wire">;

/** Problems by what they are about. */
export interface Marks {
  readonly nodes: ReadonlyMap<string, { readonly errors: number; readonly warnings: number }>;
  readonly edges: ReadonlyMap<string, string>;
}

export interface View {
  readonly document: GraphDocument;
  readonly tools: ReadonlyMap<string, ToolLook>;
  readonly selection: Selection;
  readonly marks: Marks;
  readonly nodeStates: Readonly<Record<string, NodeState>> | null;
  readonly edgeStates: Readonly<Record<string, EdgeState>> | null;
  /** Places of nodes that are being dragged. */
  readonly dragged: ReadonlyMap<string, Point> | null;
  readonly tabStop: string | null;
  readonly candidate: string | null;
  readonly editable: boolean;
}

export const NO_MARKS: Marks = { nodes: new Map(), edges: new Map() };
const UNMARKED = { errors: 0, warnings: 0 };

export class Elements {
  #steps = new Map<string, StepElement>();
  #wires = new Map<string, WireElement>();
  #stepList: StepElement[] = [];
  #wireList: WireElement[] = [];
  #stepView: View | null = null;
  #wireView: View | null = null;

  steps(view: View): StepElement[] {
    const touched = touchedNodes(this.#stepView, view);
    const { boxes, geometry } = sceneOf(view.document);
    const rounds = roundsOf(view.document);
    const next = touched ? this.#steps : new Map<string, StepElement>();
    for (const id of touched ?? Object.keys(view.document.nodes)) {
      const box = boxes.get(id);
      const shape = geometry.get(id);
      if (!box || !shape) continue;
      const made = step(view, id, box, shape, rounds.get(id) ?? null);
      next.set(id, keep(this.#steps.get(id), made));
    }
    this.#steps = next;
    this.#stepView = view;
    if (touched?.size !== 0) this.#stepList = sameList(this.#stepList, [...next.values()]);
    return this.#stepList;
  }

  wires(view: View): WireElement[] {
    const before = this.#wireView;
    this.#wireView = view;
    if (before && WIRE_PARTS.every((part) => before[part] === view[part])) return this.#wireList;
    const ways = edgeWays(view.document);
    const cycles = cycleEdges(view.document);
    const next = new Map<string, WireElement>();
    for (const edge of view.document.edges) {
      const way = ways.get(edge.id) ?? { lane: 0, floor: -Infinity };
      const made = wire(view, edge, { ...way, loops: cycles.has(edge.id) });
      next.set(edge.id, keep(this.#wires.get(edge.id), made));
    }
    this.#wires = next;
    this.#wireList = sameList(this.#wireList, [...next.values()]);
    return this.#wireList;
  }
}

const WIRE_PARTS = ["document", "selection", "marks", "edgeStates", "editable"] as const;
const ALL_STEPS = ["document", "tools", "marks", "nodeStates", "editable"] as const;

/** The nodes that may look different now; null when any may. */
function touchedNodes(before: View | null, now: View): ReadonlySet<string> | null {
  if (!before || ALL_STEPS.some((part) => before[part] !== now[part])) return null;
  const touched = new Set<string>();
  for (const view of [before, now]) {
    for (const id of view.dragged?.keys() ?? []) touched.add(id);
    for (const id of [view.tabStop, view.candidate]) if (id !== null) touched.add(id);
    const other = view === before ? now : before;
    for (const id of view.selection.nodes) if (!other.selection.nodes.has(id)) touched.add(id);
  }
  return touched;
}

function step(
  view: View,
  id: string,
  box: Rect,
  geometry: NodeGeometry,
  rounds: number | null,
): StepElement {
  const spec = view.document.nodes[id] ?? { type: "noop" };
  const [x, y] = view.dragged?.get(id) ?? [box.x, box.y];
  const data: StepData = {
    ...nodeLook(id, spec, view.tools),
    ...(view.marks.nodes.get(id) ?? UNMARKED),
    type: spec.type,
    geometry,
    entry: view.document.entry.includes(id),
    disabled: spec.disabled === true,
    state: view.nodeStates?.[id] ?? null,
    rounds,
    tabStop: view.tabStop === id,
    candidate: view.candidate === id,
    editable: view.editable,
  };
  return {
    id,
    type: "step",
    position: { x, y },
    width: box.width,
    height: box.height,
    measured: { width: box.width, height: box.height },
    handles: handlesOf(geometry),
    selected: view.selection.nodes.has(id),
    draggable: view.editable,
    connectable: view.editable,
    focusable: false,
    data,
  };
}

function wire(
  view: View,
  edge: EdgeSpec,
  way: { lane: number; floor: number; loops: boolean },
): WireElement {
  const data: WireData = {
    ...way,
    edge,
    state: view.edgeStates?.[edge.id] ?? null,
    running: view.edgeStates !== null,
    problem: view.marks.edges.get(edge.id) ?? null,
    editable: view.editable,
    chosen: view.editable && onlyEdge(view.selection) === edge.id,
  };
  return {
    id: edge.id,
    type: "wire",
    source: edge.from,
    target: edge.to,
    sourceHandle: kindOf(edge),
    targetHandle: "in",
    selected: view.selection.edges.has(edge.id),
    focusable: false,
    interactionWidth: 20,
    data,
  };
}

const HANDLE_SIZE = 24;
/** React Flow ends wires at the outer side of a handle's box, this far from the port in its middle. */
export const HANDLE_REACH = HANDLE_SIZE / 2;
const handleCache = new WeakMap<NodeGeometry, NodeHandle[]>();

function handlesOf(geometry: NodeGeometry): NodeHandle[] {
  const known = handleCache.get(geometry);
  if (known) return known;
  const handles = geometry.ports.map((port): NodeHandle => {
    const out = port.side === "out";
    return {
      id: port.id,
      type: out ? "source" : "target",
      position: out ? Position.Right : Position.Left,
      x: port.x - HANDLE_REACH,
      y: port.y - HANDLE_REACH,
      width: HANDLE_SIZE,
      height: HANDLE_SIZE,
    };
  });
  handleCache.set(geometry, handles);
  return handles;
}

const roundCache = new WeakMap<GraphDocument["edges"], ReadonlyMap<string, number>>();

/** How many rounds the heads of loops may take, by the `max` of the edges that lead back to them. */
function roundsOf(document: GraphDocument): ReadonlyMap<string, number> {
  const known = roundCache.get(document.edges);
  if (known) return known;
  const cycles = cycleEdges(document);
  const rounds = new Map<string, number>();
  for (const edge of document.edges) {
    if (typeof edge.max === "number" && cycles.has(edge.id)) rounds.set(edge.to, edge.max + 1);
  }
  roundCache.set(document.edges, rounds);
  return rounds;
}

/** The old list when it holds the very same elements: React Flow then has nothing to index anew. */
function sameList<T>(old: T[], made: T[]): T[] {
  return old.length === made.length && old.every((item, i) => item === made[i]) ? old : made;
}

/** The old element when the new one would draw the same. */
function keep<T extends StepElement | WireElement>(old: T | undefined, made: T): T {
  return old && sameData(old.data, made.data) && sameFrame(old, made) ? old : made;
}

function sameData(a: object | undefined, b: object | undefined): boolean {
  if (!a || !b) return a === b;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return Object.keys(left).every((key) => left[key] === right[key] || sameState(key, left, right));
}

function sameState(key: string, a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const [left, right] = [a[key], b[key]];
  if (key !== "state" || !left || !right) return false;
  return sameData(left, right);
}

function sameFrame(a: StepElement | WireElement, b: StepElement | WireElement): boolean {
  if (a.selected !== b.selected) return false;
  if (a.type === "step" && b.type === "step") {
    return (
      a.position.x === b.position.x && a.position.y === b.position.y && a.handles === b.handles
    );
  }
  return (
    a.type === "wire" &&
    b.type === "wire" &&
    a.source === b.source &&
    a.target === b.target &&
    a.sourceHandle === b.sourceHandle
  );
}
