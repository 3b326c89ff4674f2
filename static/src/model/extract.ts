/**
 * Making a workflow of its own of some nodes, which one node then runs. Only where the whole does
 * the same as before: what cannot be kept is refused with a sentence that says what to change.
 */

import { t } from "../words/t";
import { copy } from "./clipboard";
import { type EdgeSpec, type GraphDocument, isObject, type NodeSpec } from "./document";
import { edgesByNode, kindOf } from "./edges";
import { bounds, sceneOf } from "./geometry";
import { leave } from "./groups";
import { freshId, freshNodeId } from "./ids";
import { removeNodes, snap, withField, without } from "./nodes";
import {
  expressionsOf,
  needsOf,
  presentKeys,
  readsOf,
  type ToolIo,
  wordsOf,
  writesOf,
} from "./reading";
import { stream } from "./stream";

export interface Extraction {
  /** The new workflow; its key and name are for the caller to choose. */
  readonly child: GraphDocument;
  /** The document with a node that runs the workflow `key` in place of the extracted ones. */
  replaced(key: string, title: string): { readonly document: GraphDocument; readonly id: string };
}

/** Why nodes cannot be extracted; the message is for the person. */
export class CannotExtract extends Error {
  override readonly name = "CannotExtract";
}

const quoted = (ids: Iterable<string>) =>
  [...new Set(ids)].map((id) => t("“{name}”", { name: id })).join(t(" and "));

function refuse(message: string): never {
  throw new CannotExtract(message);
}

/** Throws CannotExtract when the nodes cannot become a workflow of their own. */
export function extraction(
  document: GraphDocument,
  chosen: ReadonlySet<string>,
  tools: ReadonlyMap<string, ToolIo>,
): Extraction {
  const part = partOf(document, chosen);
  refuseWhatReachesAcross(document, part);
  const head = headOf(document, part);
  const way = wayOut(document, part);
  const state = stateBetween(document, part, way, head, tools);
  return {
    child: childOf(document, part, head, way, state),
    replaced: (key, title) => replaced(document, part, head, way, state, key, title),
  };
}

interface Part {
  readonly nodes: ReadonlySet<string>;
  readonly inner: readonly EdgeSpec[];
  readonly ins: readonly EdgeSpec[];
  readonly outs: readonly EdgeSpec[];
}

function partOf(document: GraphDocument, chosen: ReadonlySet<string>): Part {
  const nodes = new Set(Object.keys(document.nodes).filter((id) => chosen.has(id)));
  if (nodes.size === 0) refuse(t("Select the steps first that become a workflow of their own."));
  const has = (id: string) => nodes.has(id);
  return {
    nodes,
    inner: document.edges.filter((edge) => has(edge.from) && has(edge.to)),
    ins: document.edges.filter((edge) => !has(edge.from) && has(edge.to)),
    outs: document.edges.filter((edge) => has(edge.from) && !has(edge.to)),
  };
}

function refuseWhatReachesAcross(document: GraphDocument, { nodes, inner, ins, outs }: Part): void {
  for (const [id, spec] of Object.entries(document.nodes)) {
    const cancels = Array.isArray(spec.cancels) ? spec.cancels : [];
    const across = cancels.find((other) => nodes.has(String(other)) !== nodes.has(id));
    if (across) {
      refuse(
        t(
          "“{id}” withdraws “{other}”, which works only within one workflow. Select both, or neither.",
          { id, other: String(across) },
        ),
      );
    }
    if (nodes.has(id) && spec.type === "end" && spec.terminate === true) {
      refuse(
        t("“{id}” ends the whole run. In a workflow of its own it would end only that one.", {
          id,
        }),
      );
    }
  }
  const kept = new Set(inner.map((edge) => edge.id));
  const resetting = inner.find((edge) => edge.resets?.some((id) => !kept.has(id)));
  if (resetting) {
    refuse(
      t("The way from “{from}” to “{to}” counts ways outside of the selection anew.", {
        from: resetting.from,
        to: resetting.to,
      }),
    );
  }
  const sources = (list: readonly EdgeSpec[]) => list.flatMap((edge) => edge.when ?? []);
  const specs = [...nodes].map((id) => document.nodes[id] as NodeSpec);
  const words = wordsOf([...sources(inner), ...specs.flatMap(expressionsOf)]);
  const asked = wordsOf([...sources(outs), ...sources(inner), ...specs.flatMap(expressionsOf)]);
  if (asked.names.has("iteration")) {
    refuse(
      t(
        "A selected step counts its rounds with “iteration”, which begins anew in every run. Count in a key of the state.",
      ),
    );
  }
  const afterError = ins.some((edge) => kindOf(edge) !== "ok");
  if (afterError && words.names.has("error")) {
    refuse(
      t(
        "A selected step reads “error”, which is not handed on to another workflow. Select what may fail as well.",
      ),
    );
  }
  const failing = outs.find((edge) => ["error", "timeout", "exhausted"].includes(kindOf(edge)));
  if (failing) {
    refuse(
      t("The way “{kind}” leads from “{from}” out of the selection. Select “{to}” as well.", {
        kind: kindOf(failing),
        from: failing.from,
        to: failing.to,
      }),
    );
  }
  const emitted = (list: readonly NodeSpec[], type: string) =>
    new Set(list.filter((spec) => spec.type === type).flatMap(signalsOf));
  const others = Object.entries(document.nodes).flatMap(([id, spec]) =>
    nodes.has(id) ? [] : [spec],
  );
  for (const [here, there] of [
    [specs, others],
    [others, specs],
  ] as const) {
    const waited = emitted(there, "wait");
    const signal = [...emitted(here, "emit")].find((name) => waited.has(name));
    if (signal)
      refuse(
        t(
          "The signal “{signal}” is emitted on one side of the selection and waited for on the other.",
          { signal },
        ),
      );
  }
}

function signalsOf(spec: NodeSpec): string[] {
  const any = isObject(spec.any) ? Object.values(spec.any as object) : [];
  return [spec, ...any].flatMap((each: { signal?: unknown }) =>
    typeof each.signal === "string" ? [each.signal] : [],
  );
}

/** The one node where the part begins. */
function headOf(document: GraphDocument, { nodes, inner, ins }: Part): string {
  const entered = new Set([
    ...ins.map((edge) => edge.to),
    ...document.entry.filter((id) => nodes.has(id)),
  ]);
  const led = new Set(inner.map((edge) => edge.to));
  const heads = entered.size ? [...entered] : [...nodes].filter((id) => !led.has(id));
  if (heads.length > 1) {
    refuse(
      t(
        "Ways lead in at {steps}. A workflow of its own begins at one step: select more, or fewer.",
        { steps: quoted(heads) },
      ),
    );
  }
  const head = heads[0] ?? [...nodes][0] ?? "";
  const reached = stream({ ...document, edges: inner }, [head], true);
  const lost = [...nodes].find((id) => !reached.has(id));
  if (lost)
    refuse(t("No way inside of the selection leads from “{head}” to “{lost}”.", { head, lost }));
  if (document.nodes[head]?.join && inner.some((edge) => edge.to === head) && ins.length) {
    refuse(
      t("“{head}” joins ways from inside and outside of the selection by a rule of its own.", {
        head,
      }),
    );
  }
  return head;
}

/** How the part is left: nowhere, by its last node with that one's ways, or to one place from several. */
type WayOut =
  | { readonly kind: "none" }
  | { readonly kind: "last"; readonly node: string }
  | { readonly kind: "one"; readonly to: string; readonly max: number | null | undefined };

function wayOut(document: GraphDocument, { nodes, inner, outs }: Part): WayOut {
  if (outs.length === 0) return { kind: "none" };
  const leading = edgesByNode(document.edges);
  const dead = [...nodes].find((id) => !leading.get(id)?.length);
  const other = outs[0]?.from ?? "";
  if (dead) {
    refuse(
      t("“{dead}” ends a branch inside of the selection, while “{other}” leads on. Leave it out.", {
        dead,
        other,
      }),
    );
  }
  const from = [...new Set(outs.map((edge) => edge.from))];
  const [only] = from;
  const goesOn = inner.some((edge) => edge.from === only);
  const plain = outs.every((edge) => kindOf(edge) === "ok");
  if (from.length === 1 && only !== undefined && plain && !goesOn)
    return { kind: "last", node: only };
  const to = [...new Set(outs.map((edge) => edge.to))];
  const [target] = to;
  if (to.length > 1 || target === undefined) {
    refuse(
      t(
        "Ways lead out from {from} to {to}. A step that runs a workflow has one way on: select more, or fewer.",
        { from: quoted(from), to: quoted(to) },
      ),
    );
  }
  const quiet = [...nodes].find((id) => document.nodes[id]?.on_no_route === "end");
  if (quiet)
    refuse(
      t("“{quiet}” may end its branch quietly, after which “{target}” would still follow.", {
        quiet,
        target,
      }),
    );
  if (outs.length > 1 && outs.some((edge) => edge.max !== undefined || edge.resets)) {
    refuse(
      t(
        "The ways to “{target}” are counted one by one. Take their limits away, or select “{target}” as well.",
        { target },
      ),
    );
  }
  const policy = (document.nodes[target]?.join as { policy?: string } | undefined)?.policy;
  if (outs.length > 1 && policy !== undefined && policy !== "all_active") {
    refuse(
      t("“{target}” counts the ways that come from the selection. Select it as well.", { target }),
    );
  }
  return { kind: "one", to: target, max: outs[0]?.max };
}

interface StateBetween {
  readonly in: Readonly<Record<string, string>>;
  readonly out: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, unknown>>;
}

const plain = /^[A-Za-z_]\w*$/;
const ADDING: Readonly<Record<string, unknown>> = { append: [], sum: 0 };
const SETTLED = new Set(["replace", "max", "min", "union", "merge"]);

/** What the workflow starts with and leaves, by the keys its nodes read and write. */
function stateBetween(
  document: GraphDocument,
  part: Part,
  way: WayOut,
  head: string,
  tools: ReadonlyMap<string, ToolIo>,
): StateBetween {
  const whole = isObject(document.state) ? document.state : {};
  const present = presentKeys(document);
  // What a tool cannot do without is there, also where nobody can tell who writes it.
  const needed = [...part.nodes].flatMap((id) => needsOf(document.nodes[id] as NodeSpec, tools));
  const known = new Set([...present, ...writtenAnywhere(document, tools), ...needed]);
  const reads = readKeys(document, part, way, tools, known, present);
  const writes = writtenKeys(document, part, tools);
  const sure = always(document, part, head, tools);
  const elsewhere = new Set(
    Object.entries(document.nodes).flatMap(([id, spec]) =>
      part.nodes.has(id) ? [] : (writesOf(id, spec, tools) ?? [...present]),
    ),
  );
  const sources = [...part.nodes].flatMap((id) => expressionsOf(document.nodes[id] as NodeSpec));
  const conditions = [...part.inner, ...part.outs].flatMap((edge) => edge.when ?? []);
  const optional = (key: string) =>
    [...sources, ...conditions].some((source) => asksFor(source, key));
  const reducers = isObject(whole.reducers) ? whole.reducers : {};
  const given: Record<string, string> = {};
  const left: Record<string, string> = {};
  const defaults: Record<string, unknown> = {};
  const rule = (key: string) => String(reducers[key] ?? "replace");
  for (const key of new Set([...reads, ...writes])) {
    if (writes.has(key) && Object.hasOwn(ADDING, rule(key))) {
      if (reads.has(key)) {
        refuse(
          t("“{key}” is added to and read inside of the selection, so it would be added twice.", {
            key,
          }),
        );
      }
      defaults[key] = ADDING[rule(key)];
      continue;
    }
    if (writes.has(key) && !SETTLED.has(rule(key))) {
      refuse(
        t(
          "“{key}” has a rule of its own ({rule}), which cannot be followed across two workflows.",
          { key, rule: rule(key) },
        ),
      );
    }
    const handed = present.has(key) || (reads.has(key) && (!writes.has(key) || elsewhere.has(key)));
    if (handed) given[key] = access(key);
    if (handed && !present.has(key) && optional(key)) {
      refuse(
        t(
          "“{key}” may be missing, which a selected step asks for. Give it a default in the workflow's state first.",
          { key },
        ),
      );
    }
    if (!handed && !sure.has(key)) {
      refuse(
        t(
          "“{key}” is written only on some ways through the selection. Give it a default in the workflow's state first.",
          { key },
        ),
      );
    }
  }
  for (const key of writes) left[key] = `state${plain.test(key) ? `.${key}` : `['${key}']`}`;
  return { in: given, out: left, state: childState(whole, given, left, defaults) };
}

/** Whether an expression reads a key in a way that bears its absence. */
const asksFor = (source: string, key: string) =>
  new RegExp(`has\\(\\s*state\\s*\\.\\s*${key}\\b|\\bstate\\s*\\.\\?\\s*${key}\\b`).test(source);

const access = (key: string) => (plain.test(key) && !RESERVED.has(key) ? key : `state['${key}']`);
const RESERVED = new Set([
  "state",
  "result",
  "error",
  "answer",
  "item",
  "index",
  "iteration",
  "results",
  "true",
  "false",
  "null",
  "in",
]);

function readKeys(
  document: GraphDocument,
  { nodes, inner, outs }: Part,
  way: WayOut,
  tools: ReadonlyMap<string, ToolIo>,
  known: ReadonlySet<string>,
  present: ReadonlySet<string>,
): ReadonlySet<string> {
  const conditions = way.kind === "one" ? [...inner, ...outs] : inner;
  const all = [
    wordsOf(conditions.flatMap((edge) => edge.when ?? [])),
    ...[...nodes].map((id) => readsOf(document.nodes[id] as NodeSpec, tools)),
  ];
  const names = new Set(all.flatMap((words) => [...words.names]).filter((name) => known.has(name)));
  if (all.some((words) => words.all)) for (const key of present) names.add(key);
  return names;
}

function writtenKeys(
  document: GraphDocument,
  { nodes }: Part,
  tools: ReadonlyMap<string, ToolIo>,
): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const id of nodes) {
    const written = writesOf(id, document.nodes[id] as NodeSpec, tools);
    if (!written) {
      refuse(
        t(
          "Nobody can tell which keys “{id}” writes, so they could not be handed back. Name them in its outputs first.",
          { id },
        ),
      );
    }
    for (const key of written) keys.add(key);
  }
  return keys;
}

function writtenAnywhere(document: GraphDocument, tools: ReadonlyMap<string, ToolIo>): string[] {
  const whole =
    isObject(document.state) && isObject(document.state.schema) ? document.state.schema : {};
  const declared = isObject(whole.properties) ? Object.keys(whole.properties) : [];
  const written = Object.entries(document.nodes).flatMap(
    ([id, spec]) => writesOf(id, spec, tools) ?? [id],
  );
  return [...declared, ...written];
}

/** Keys that are written whichever way the part is walked through: by nodes without which no way leads out. */
function always(
  document: GraphDocument,
  { nodes, inner, outs }: Part,
  head: string,
  tools: ReadonlyMap<string, ToolIo>,
): ReadonlySet<string> {
  const leading = edgesByNode(inner);
  const ends = new Set([
    ...outs.map((edge) => edge.from),
    ...[...nodes].filter((id) => !leading.get(id)?.length),
  ]);
  const sure = new Set<string>();
  for (const id of nodes) {
    const around = inner.filter((edge) => edge.from !== id && edge.to !== id);
    const reached =
      id === head ? new Set<string>() : stream({ ...document, edges: around }, [head], true);
    if ([...ends].some((end) => end !== id && reached.has(end))) continue;
    if (document.nodes[id]?.disabled === true) continue;
    for (const key of writesOf(id, document.nodes[id] as NodeSpec, tools) ?? []) sure.add(key);
  }
  return sure;
}

function childState(
  whole: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, string>>,
  left: Readonly<Record<string, string>>,
  defaults: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const keys = [...new Set([...Object.keys(given), ...Object.keys(left)])];
  const pick = (from: unknown) =>
    Object.fromEntries(
      keys.flatMap((key) => (isObject(from) && Object.hasOwn(from, key) ? [[key, from[key]]] : [])),
    );
  const schema = isObject(whole.schema) ? whole.schema : {};
  const own = { ...pick(whole.defaults), ...defaults };
  const required = Object.keys(given).filter((key) => !Object.hasOwn(own, key));
  const reducers = pick(whole.reducers);
  // All of them are declared: what is handed over is there, and what is left behind is a result.
  const undeclared = Object.fromEntries(keys.map((key) => [key, {}]));
  return {
    schema: {
      type: "object",
      ...(required.length && { required }),
      properties: { ...undeclared, ...pick(schema.properties) },
    },
    defaults: own,
    ...(Object.keys(reducers).length && { reducers }),
    ...(whole.on_conflict !== undefined && { on_conflict: whole.on_conflict }),
  };
}

function childOf(
  document: GraphDocument,
  { nodes, inner, outs }: Part,
  head: string,
  way: WayOut,
  { state }: StateBetween,
): GraphDocument {
  const clip = copy(document, nodes);
  const specs: Record<string, NodeSpec> = { ...clip?.nodes };
  const first = specs[head];
  if (first && outsideJoin(document, nodes, head)) specs[head] = without(first, ["join"]);
  const last = way.kind === "last" ? specs[way.node] : undefined;
  if (way.kind === "last" && last) specs[way.node] = without(last, ["route", "on_no_route"]);
  const corner = bounds([...nodes].flatMap((id) => sceneOf(document).boxes.get(id) ?? []));
  const [left, top] = [corner?.x ?? 0, corner?.y ?? 0];
  const layout: Record<string, readonly [number, number]> = {};
  for (const id of nodes) {
    const [x, y] = document.layout[id] ?? [left, top];
    layout[id] = [x - left, y - top];
  }
  const base: GraphDocument = {
    format: "treadle/1",
    key: "",
    name: "",
    entry: [head],
    state,
    ...(document.failure_mode !== undefined && { failure_mode: document.failure_mode }),
    nodes: specs,
    edges: inner,
    layout,
  };
  const groups = Object.fromEntries(
    (clip?.groups ?? []).map((group, i) => [`group_${i + 1}`, group]),
  );
  const grouped = Object.keys(groups).length ? { ...base, meta: { groups } } : base;
  return way.kind === "one" ? withEnd(grouped, outs, (corner?.width ?? 0) + 80) : grouped;
}

/** Ways that led out lead to an end of the new workflow, on the conditions they had. */
function withEnd(child: GraphDocument, outs: readonly EdgeSpec[], x: number): GraphDocument {
  const end = freshNodeId(child, "end");
  const edges = outs.map((edge) => without({ ...edge, to: end }, ["max", "resets"]) as EdgeSpec);
  return {
    ...child,
    nodes: { ...child.nodes, [end]: { type: "end" } },
    edges: [...child.edges, ...edges],
    layout: { ...child.layout, [end]: snap([x, 0]) },
  };
}

/** A rule by which ways from outside are joined stays outside. */
const outsideJoin = (document: GraphDocument, nodes: ReadonlySet<string>, head: string) =>
  document.nodes[head]?.join !== undefined &&
  document.edges.some((edge) => edge.to === head && !nodes.has(edge.from));

function replaced(
  document: GraphDocument,
  part: Part,
  head: string,
  way: WayOut,
  state: StateBetween,
  key: string,
  title: string,
): { document: GraphDocument; id: string } {
  const id = freshId(freshNodeId(document, title || key), (taken) => part.nodes.has(taken));
  const first = document.nodes[head];
  const last = way.kind === "last" ? document.nodes[way.node] : undefined;
  const call = {
    type: "subgraph",
    ...(title && title !== id && { title }),
    workflow: key,
    ...(Object.keys(state.in).length && { in: state.in }),
    ...(Object.keys(state.out).length && { out: state.out }),
    ...(outsideJoin(document, part.nodes, head) && { join: first?.join }),
    ...(last?.route !== undefined && { route: last.route }),
    ...(last?.on_no_route !== undefined && { on_no_route: last.on_no_route }),
  } as NodeSpec;
  const gone = new Set(part.inner.map((edge) => edge.id));
  const outer = outerEdges(document.edges, part, way, id, gone);
  const area = bounds([...part.nodes].flatMap((node) => sceneOf(document).boxes.get(node) ?? []));
  const at = snap([area?.x ?? 0, (area?.y ?? 0) + ((area?.height ?? 64) - 64) / 2]);
  const entry = [...new Set(document.entry.map((node) => (part.nodes.has(node) ? id : node)))];
  const rest = removeNodes(leave(document, part.nodes), part.nodes);
  return {
    id,
    document: {
      ...rest,
      entry,
      nodes: { ...rest.nodes, [id]: call },
      edges: outer,
      layout: { ...rest.layout, [id]: at },
    },
  };
}

function outerEdges(
  edges: readonly EdgeSpec[],
  part: Part,
  way: WayOut,
  id: string,
  gone: ReadonlySet<string>,
): EdgeSpec[] {
  const found: EdgeSpec[] = [];
  let led = false;
  for (const edge of edges) {
    if (gone.has(edge.id)) continue;
    const left = edge.resets?.filter((other) => !gone.has(other));
    const kept = left?.length === edge.resets?.length ? edge : withResets(edge, left);
    const [from, to] = [part.nodes.has(edge.from), part.nodes.has(edge.to)];
    if (from && way.kind === "one") {
      if (led) continue;
      led = true;
      found.push(plainWay(kept, id));
    } else if (from) found.push({ ...kept, from: id });
    else found.push(to ? { ...kept, to: id } : kept);
  }
  return found;
}

const withResets = (edge: EdgeSpec, ids: readonly string[] | undefined): EdgeSpec =>
  withField(edge, "resets", ids?.length ? ids : undefined);

/** The one way on: when it is taken was decided inside. Its limit still counts outside. */
const plainWay = (edge: EdgeSpec, from: string): EdgeSpec =>
  ({ ...without(edge, ["when", "else", "on"]), from }) as EdgeSpec;
