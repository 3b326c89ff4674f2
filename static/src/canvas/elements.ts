/**
 * From the document and what is shown over it to the elements React Flow takes. Elements keep
 * their identity while nothing about them changed. What a run did to them stands on the board.
 */
import { type Edge, type Node, type NodeHandle, Position } from "@xyflow/react";
import type { EdgeSpec, GraphDocument, Point } from "../model/document";
import { kindOf } from "../model/edges";
import type { NodeGeometry, Rect } from "../model/geometry";
import { groupName, groupsOf } from "../model/groups";
import { cycleEdges } from "../model/layout";
import { edgeWays, STRAIGHT } from "../model/paths";
import { pinsOf } from "../model/pins";
import { onlyEdge, type Selection } from "../model/selection";
import { endsOf, groupOfMark, shownOf, standFor } from "../model/shown";
import { titleOf } from "../run/words";
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
  /** A kept output stands in for it in test runs. */
  readonly pinned: boolean;
  readonly change: Change | null;
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
  /** What the steps it joins are called. */
  readonly from: string;
  readonly to: string;
  readonly lane: number;
  readonly floor: number;
  /** Its label stands under the steps. */
  readonly under: boolean;
  readonly loops: boolean;
  readonly change: Change | null;
  /** True while a run is shown, so that edges it did not take are drawn faint. */
  readonly running: boolean;
  readonly problem: string | null;
  /** The only thing that is selected, and open for changes. */
  readonly chosen: boolean;
  /** What is dragged over it would go into it. */
  readonly landing: boolean;
}

/** A collapsed group, drawn as one box. */
export interface GroupData extends Record<string, unknown> {
  readonly group: string;
  readonly title: string;
  readonly nodes: readonly string[];
  readonly geometry: NodeGeometry;
  readonly errors: number;
  readonly warnings: number;
  readonly tabStop: boolean;
  readonly candidate: boolean;
}

export type StepElement = Node<StepData, "step">;
// Not "group": React Flow draws its own box around nodes of that type.
export type GroupElement = Node<GroupData, "pile">;
export type BoxElement = StepElement | GroupElement;
export type WireElement = Edge<WireData, "wire">;

interface Mark {
  readonly errors: number;
  readonly warnings: number;
}

/** What became of a node or an edge from one version to another. */
export type Change = "added" | "removed" | "changed";

/** Problems by what they are about; where two versions are compared, what changed as well. */
export interface Marks {
  readonly nodes: ReadonlyMap<string, Mark>;
  readonly edges: ReadonlyMap<string, string>;
  readonly changes?: {
    readonly nodes: ReadonlyMap<string, Change>;
    readonly edges: ReadonlyMap<string, Change>;
  };
}

export interface View {
  readonly document: GraphDocument;
  readonly tools: ReadonlyMap<string, ToolLook>;
  readonly selection: Selection;
  readonly marks: Marks;
  /** A run is shown; what it did to each element stands on the board. */
  readonly running: boolean;
  /** Places of nodes that are being dragged. */
  readonly dragged: ReadonlyMap<string, Point> | null;
  /** The edge that what is dragged would go into. */
  readonly landing: string | null;
  readonly tabStop: string | null;
  readonly candidate: string | null;
  readonly editable: boolean;
}

export const NO_MARKS: Marks = { nodes: new Map(), edges: new Map() };
const UNMARKED = { errors: 0, warnings: 0 };

export class Elements {
  #steps = new Map<string, BoxElement>();
  #wires = new Map<string, WireElement>();
  #stepList: BoxElement[] = [];
  #wireList: WireElement[] = [];
  #stepView: View | null = null;
  #wireView: View | null = null;

  steps(view: View): BoxElement[] {
    const before = this.#stepView;
    this.#stepView = view;
    const touched = touchedBoxes(before, view);
    if (touched?.size === 0 && before?.document === view.document) return this.#stepList;
    const { boxes, geometry } = shownOf(view.document);
    const rounds = roundsOf(view.document);
    const same = touched !== null && before?.document === view.document;
    const next = same ? this.#steps : new Map<string, BoxElement>();
    for (const id of same ? touched : boxes.keys()) {
      const old = this.#steps.get(id);
      const box = boxes.get(id);
      const shape = geometry.get(id);
      if (!box || !shape) continue;
      if (old && touched && !touched.has(id)) {
        next.set(id, old);
        continue;
      }
      const group = groupOfMark(id);
      const made =
        group === null
          ? step(view, id, box, shape, rounds.get(id) ?? null)
          : groupBox(view, id, group, box, shape);
      next.set(id, keep(old, made));
    }
    this.#steps = next;
    this.#stepList = sameList(this.#stepList, [...next.values()]);
    return this.#stepList;
  }

  wires(view: View): WireElement[] {
    const before = this.#wireView;
    this.#wireView = view;
    if (before && WIRE_PARTS.every((part) => before[part] === view[part])) return this.#wireList;
    const ways = edgeWays(view.document);
    const cycles = cycleEdges(view.document);
    const next = new Map<string, WireElement>();
    const chosen = view.editable ? onlyEdge(view.selection) : null;
    for (const edge of view.document.edges) {
      const ends = endsOf(view.document, edge);
      if (!ends) continue;
      const old = this.#wires.get(edge.id);
      const way = ways.get(edge.id) ?? STRAIGHT;
      const data: WireData = {
        ...way,
        loops: cycles.has(edge.id),
        edge,
        from: titleOf(view.document, edge.from),
        to: titleOf(view.document, edge.to),
        change: view.marks.changes?.edges.get(edge.id) ?? null,
        running: view.running,
        problem: view.marks.edges.get(edge.id) ?? null,
        chosen: chosen === edge.id,
        landing: view.landing === edge.id,
      };
      const selected = view.selection.edges.has(edge.id);
      const made = wire(edge, ends, data, selected);
      next.set(edge.id, old && sameWire(old, made) ? old : made);
    }
    this.#wires = next;
    this.#wireList = sameList(this.#wireList, [...next.values()]);
    return this.#wireList;
  }
}

const WIRE_PARTS = ["document", "selection", "marks", "running", "editable", "landing"] as const;

/** The boxes that may look different now; null when any may. */
function touchedBoxes(before: View | null, now: View): ReadonlySet<string> | null {
  if (!before || before.tools !== now.tools || before.editable !== now.editable) return null;
  if (before.marks.changes !== now.marks.changes) return null;
  const touched = new Set<string>();
  for (const [one, other] of [
    [before, now],
    [now, before],
  ] as const) {
    for (const id of one.dragged?.keys() ?? []) touched.add(id);
    for (const id of [one.tabStop, one.candidate]) if (id !== null) touched.add(id);
    for (const id of one.selection.nodes) if (!other.selection.nodes.has(id)) touched.add(id);
    if (one.marks !== other.marks) {
      for (const [id, mark] of one.marks.nodes)
        if (!sameMark(mark, other.marks.nodes.get(id))) touched.add(id);
    }
  }
  if (before.document !== now.document) touchedByEdit(before.document, now.document, touched);
  const { stands } = shownOf(now.document);
  if (stands.size === 0) return touched;
  return new Set([...touched].map((id) => stands.get(id) ?? id));
}

function touchedByEdit(before: GraphDocument, now: GraphDocument, touched: Set<string>): void {
  const [old, shown] = [shownOf(before), shownOf(now)];
  const [rounds, nextRounds] = [roundsOf(before), roundsOf(now)];
  const [pins, nextPins] = [pinsOf(before), pinsOf(now)];
  for (const [id, box] of shown.boxes) {
    const same =
      before.nodes[id] === now.nodes[id] &&
      old.boxes.get(id) === box &&
      old.geometry.get(id) === shown.geometry.get(id) &&
      rounds.get(id) === nextRounds.get(id) &&
      (pins === nextPins || Object.hasOwn(pins, id) === Object.hasOwn(nextPins, id));
    if (!same) touched.add(id);
  }
  if (before.entry === now.entry) return;
  for (const id of [...before.entry, ...now.entry]) touched.add(id);
}

function sameMark(a: Mark | undefined, b: Mark | undefined): boolean {
  return a?.errors === b?.errors && a?.warnings === b?.warnings;
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
    pinned: Object.hasOwn(pinsOf(view.document), id),
    change: view.marks.changes?.nodes.get(id) ?? null,
    rounds,
    tabStop: view.tabStop === id,
    candidate: view.candidate === id,
    editable: view.editable,
  };
  return {
    ...frameFor(id, x, y, box, geometry),
    type: "step",
    selected: view.selection.nodes.has(id),
    draggable: view.editable,
    connectable: view.editable,
    data,
  };
}

function groupBox(
  view: View,
  id: string,
  group: string,
  box: Rect,
  geometry: NodeGeometry,
): GroupElement {
  const inside = groupsOf(view.document).get(group);
  const nodes = inside?.nodes ?? [];
  const marks = nodes.map((node) => view.marks.nodes.get(node) ?? UNMARKED);
  const [x, y] = view.dragged?.get(id) ?? [box.x, box.y];
  const data: GroupData = {
    group,
    title: inside ? groupName(inside) : group,
    nodes,
    geometry,
    errors: marks.reduce((sum, mark) => sum + mark.errors, 0),
    warnings: marks.reduce((sum, mark) => sum + mark.warnings, 0),
    tabStop: view.tabStop === id,
    candidate: view.candidate !== null && standFor(view.document, view.candidate) === id,
  };
  return {
    ...frameFor(id, x, y, box, geometry),
    type: "pile",
    selected: isChosen(view.selection, nodes),
    draggable: view.editable,
    connectable: false,
    data,
  };
}

/** All of a group is selected, or what has the keyboard is in it and so not drawn itself. */
function isChosen({ nodes: chosen, focus }: Selection, nodes: readonly string[]): boolean {
  const held = focus?.kind === "node" && chosen.has(focus.id) && nodes.includes(focus.id);
  return held || nodes.every((node) => chosen.has(node));
}

/** What React Flow has to know of a box, so that it measures nothing. */
function frameFor(id: string, x: number, y: number, box: Rect, geometry: NodeGeometry) {
  return {
    id,
    position: { x, y },
    width: box.width,
    height: box.height,
    measured: { width: box.width, height: box.height },
    handles: handlesOf(geometry),
    focusable: false,
  };
}

function wire(
  edge: EdgeSpec,
  ends: { readonly from: string; readonly to: string },
  data: WireData,
  selected: boolean,
): WireElement {
  return {
    id: edge.id,
    type: "wire",
    source: ends.from,
    target: ends.to,
    sourceHandle: kindOf(edge),
    targetHandle: "in",
    selected,
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
function keep(old: BoxElement | undefined, made: BoxElement): BoxElement {
  return old && sameBox(old, made) ? old : made;
}

function sameBox(a: BoxElement, b: BoxElement): boolean {
  return (
    a.selected === b.selected &&
    a.handles === b.handles &&
    a.position.x === b.position.x &&
    a.position.y === b.position.y &&
    sameData(a.data, b.data)
  );
}

function sameWire(a: WireElement, b: WireElement): boolean {
  return (
    a.selected === b.selected &&
    a.source === b.source &&
    a.target === b.target &&
    sameData(a.data ?? {}, b.data ?? {})
  );
}

type Data = Record<string, unknown>;

function sameData(a: Data, b: Data): boolean {
  for (const key in a) if (a[key] !== b[key]) return false;
  return true;
}
