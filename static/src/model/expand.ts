/**
 * Putting the steps of a workflow back in place of the step that runs it: the reverse of extracting.
 * What would not do the same is refused with a sentence that says what to change.
 */
import { t } from "../words/t";
import { type EdgeSpec, type GraphDocument, isObject, type Json, type NodeSpec } from "./document";
import { kindOf } from "./edges";
import { bounds, NODE_WIDTH, sceneOf } from "./geometry";
import { freshGroupId, groupNodes, groupOf, groupsOf, leave } from "./groups";
import { freshEdgeId, freshNodeId } from "./ids";
import { toLiteral } from "./literal";
import { removeNodes, snap, withField, without } from "./nodes";
import { type ToolIo, writesOf } from "./reading";
import { stream } from "./stream";
import { asTexts } from "./texts";

/** Why a step cannot be replaced by the workflow it runs; the message is for the person. */
export class CannotExpand extends Error {
  override readonly name = "CannotExpand";
}

function refuse(message: string): never {
  throw new CannotExpand(message);
}

export interface Expanded {
  readonly document: GraphDocument;
  /** The nodes that came in place of the one. */
  readonly ids: readonly string[];
}

/**
 * @param id a node that runs a workflow
 * @param child the document of the version it runs
 */
export function expanded(
  document: GraphDocument,
  id: string,
  child: GraphDocument,
  tools: ReadonlyMap<string, ToolIo>,
): Expanded {
  const call = document.nodes[id];
  if (call?.type !== "subgraph") refuse(t("Select a step that runs a workflow."));
  refuseWhatIsOfTheCall(document, id, call);
  refuseWhatIsOfTheChild(child);
  const names = namesFor(document, id, child, tools);
  const state = stateOf(document, id, call, child, tools);
  return new Inlining(document, id, call, child, names, state).made();
}

function refuseWhatIsOfTheCall(document: GraphDocument, id: string, call: NodeSpec): void {
  if (call.disabled === true) refuse(t("“{id}” is switched off. Switch it on first.", { id }));
  if (call.timeout !== undefined) {
    refuse(t("The timeout of “{id}” is for the workflow as a whole. Take it away first.", { id }));
  }
  if (call.on_error !== undefined && call.on_error !== "fail") {
    refuse(
      t("“{id}” says what becomes of a failure of the workflow as a whole. Take that away first.", {
        id,
      }),
    );
  }
  if (call.cancels !== undefined || call.lock !== undefined) {
    refuse(
      t("“{id}” has a lock or withdraws other steps, which is for the workflow as a whole.", {
        id,
      }),
    );
  }
  const odd = document.edges.find(
    (edge) => edge.from === id && !["ok", "error"].includes(kindOf(edge)),
  );
  if (odd)
    refuse(
      t("The way “{kind}” of “{id}” is for the workflow as a whole. Delete it first.", {
        kind: kindOf(odd),
        id,
      }),
    );
}

function refuseWhatIsOfTheChild(child: GraphDocument): void {
  if (Object.keys(child.nodes).length === 0) refuse(t("The workflow has no steps."));
  for (const [id, spec] of Object.entries(child.nodes)) {
    if (spec.type === "end" && spec.terminate === true) {
      refuse(t("“{id}” ends the whole workflow; here it would end this one.", { id }));
    }
    if (spec.on_no_route === "end") {
      refuse(
        t("“{id}” may end its branch quietly, after which this workflow would not go on.", { id }),
      );
    }
  }
}

/** New ids for the nodes of the child where theirs are taken. */
function namesFor(
  document: GraphDocument,
  id: string,
  child: GraphDocument,
  tools: ReadonlyMap<string, ToolIo>,
): ReadonlyMap<string, string> {
  let taken = { ...document, nodes: without(document.nodes, [id]) };
  const names = new Map<string, string>();
  for (const [node, spec] of Object.entries(child.nodes)) {
    const free = !Object.hasOwn(taken.nodes, node);
    const name = free ? node : freshNodeId(taken, node);
    const keyed = spec.type === "tool" && !isObject(spec.outputs);
    if (!free && keyed && writesOf(node, spec, tools)?.includes(node)) {
      refuse(
        t(
          "“{node}” keeps its result under its own name, which is taken here. Rename that step first.",
          { node },
        ),
      );
    }
    names.set(node, name);
    taken = { ...taken, nodes: { ...taken.nodes, [name]: spec } };
  }
  return names;
}

interface StateChange {
  /** What a step before the first one has to set. */
  readonly before: Readonly<Record<string, string>>;
  /** What a step after the last one has to set. */
  readonly after: Readonly<Record<string, string>>;
  readonly state: GraphDocument["state"];
}

const ADDING: ReadonlySet<string> = new Set(["append", "sum"]);

function stateOf(
  document: GraphDocument,
  id: string,
  call: NodeSpec,
  child: GraphDocument,
  tools: ReadonlyMap<string, ToolIo>,
): StateChange {
  const own = partsOf(document);
  const theirs = partsOf(child);
  const given = textsOf(call.in);
  const left = textsOf(call.out);
  const outside = new Set([
    ...own.keys,
    ...Object.entries(document.nodes).flatMap(([node, spec]) =>
      node === id ? Object.keys(left) : (writesOf(node, spec, tools) ?? [node]),
    ),
  ]);
  const inside = new Set([
    ...theirs.keys,
    ...Object.keys(given),
    ...Object.entries(child.nodes).flatMap(([node, spec]) => writesOf(node, spec, tools) ?? [node]),
  ]);
  const before: Record<string, string> = {};
  const adopted: string[] = [];
  for (const key of inside) {
    const here = outside.has(key);
    const rule = theirs.reducers[key] ?? "replace";
    const sameRule = (own.reducers[key] ?? "replace") === rule;
    const comesBack = isKey(left[key], key);
    if (here && !sameRule)
      refuse(t("“{key}” is put together by another rule here than in the workflow.", { key }));
    if (Object.hasOwn(given, key)) {
      if (isKey(given[key], key)) continue;
      if (here && !comesBack) refuse(meansElse(key));
      before[key] = given[key] ?? "";
    } else if (Object.hasOwn(theirs.defaults, key)) {
      if (ADDING.has(String(rule)) && (!here || comesBack)) {
        if (!here && inLoop(document, id)) {
          refuse(
            t(
              "“{key}” is added up anew each time the workflow runs. Here it would go on growing.",
              { key },
            ),
          );
        }
      } else if (here && !comesBack) refuse(meansElse(key));
      else before[key] = toLiteral(theirs.defaults[key] as Json);
    } else if (here && !comesBack && writtenIn(child, key, tools)) refuse(meansElse(key));
    if (!here) adopted.push(key);
  }
  const after = Object.fromEntries(
    Object.entries(left)
      .filter(([key, source]) => !isKey(source, key))
      .map(([key, source]) => [key, source.replace(/\bresult\b/g, "state")]),
  );
  return { before, after, state: withKeys(document, theirs, adopted) };
}

const meansElse = (key: string) =>
  t(
    "“{key}” is a key of both workflows, and means something else in each. Rename it in one of them first.",
    { key },
  );

const writtenIn = (child: GraphDocument, key: string, tools: ReadonlyMap<string, ToolIo>) =>
  Object.entries(child.nodes).some(([node, spec]) =>
    (writesOf(node, spec, tools) ?? [key]).includes(key),
  );

/** Whether an expression is nothing but this key. */
function isKey(source: string | undefined, key: string): boolean {
  const bare = source?.replace(/\s+/g, "");
  return [key, `state.${key}`, `result.${key}`, `state['${key}']`].includes(bare ?? "");
}

function inLoop(document: GraphDocument, id: string): boolean {
  const next = document.edges.filter((edge) => edge.from === id).map((edge) => edge.to);
  return stream(document, next, true).has(id);
}

interface StateParts {
  readonly keys: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly reducers: Readonly<Record<string, unknown>>;
}

function partsOf(document: GraphDocument): StateParts {
  const state = isObject(document.state) ? document.state : {};
  const schema = isObject(state.schema) ? state.schema : {};
  const part = (value: unknown) => (isObject(value) ? value : {});
  const [properties, defaults] = [part(schema.properties), part(state.defaults)];
  return {
    keys: [...new Set([...Object.keys(properties), ...Object.keys(defaults)])],
    properties,
    defaults,
    reducers: part(state.reducers),
  };
}

const textsOf = (value: unknown) => asTexts(isObject(value) ? value : {});

/** The state of this workflow with what is known of the keys that come along. */
function withKeys(
  document: GraphDocument,
  theirs: StateParts,
  keys: readonly string[],
): GraphDocument["state"] {
  const state = isObject(document.state) ? document.state : {};
  const schema = isObject(state.schema) ? state.schema : {};
  const pick = (from: Readonly<Record<string, unknown>>, wanted = keys) =>
    Object.fromEntries(
      wanted.flatMap((key) => (Object.hasOwn(from, key) ? [[key, from[key]]] : [])),
    );
  const own = partsOf(document);
  const reducers = { ...own.reducers, ...pick(theirs.reducers) };
  const adding = keys.filter((key) => ADDING.has(String(theirs.reducers[key])));
  const properties = pick(theirs.properties);
  const defaults = pick(theirs.defaults, adding);
  if (![properties, defaults, pick(theirs.reducers)].some((part) => Object.keys(part).length)) {
    return document.state;
  }
  return {
    ...state,
    schema: { type: "object", ...schema, properties: { ...own.properties, ...properties } },
    defaults: { ...own.defaults, ...defaults },
    ...(Object.keys(reducers).length && { reducers }),
  };
}

const FAILING = new Set(["tool", "set", "map", "subgraph", "human", "wait", "emit"]);

class Inlining {
  readonly #document: GraphDocument;
  readonly #id: string;
  readonly #call: NodeSpec;
  readonly #child: GraphDocument;
  readonly #names: ReadonlyMap<string, string>;
  readonly #state: StateChange;
  readonly #nodes: Record<string, NodeSpec> = {};
  readonly #layout: Record<string, readonly [number, number]> = {};
  #edges: EdgeSpec[] = [];

  constructor(
    document: GraphDocument,
    id: string,
    call: NodeSpec,
    child: GraphDocument,
    names: ReadonlyMap<string, string>,
    state: StateChange,
  ) {
    this.#document = document;
    this.#id = id;
    this.#call = call;
    this.#child = child;
    this.#names = names;
    this.#state = state;
  }

  made(): Expanded {
    this.#takeNodes();
    const inner = this.#innerEdges();
    const heads = this.#heads(inner);
    const { edges, follow } = this.#tails(inner);
    this.#edges = this.#outerEdges(heads, follow, edges);
    return this.#put(heads);
  }

  #named(id: string): string {
    return this.#names.get(id) ?? id;
  }

  #takeNodes(): void {
    for (const [id, spec] of Object.entries(this.#child.nodes)) {
      const cancels = Array.isArray(spec.cancels)
        ? spec.cancels.map((other) => this.#named(String(other)))
        : undefined;
      this.#nodes[this.#named(id)] = cancels ? withField(spec, "cancels", cancels) : spec;
      this.#layout[this.#named(id)] = this.#child.layout[id] ?? [0, 0];
    }
  }

  /** The child's edges, between new names and with ids that are free. */
  #innerEdges(): EdgeSpec[] {
    const own = this.#document.edges;
    const ids = new Map<string, string>();
    const all: EdgeSpec[] = [...own];
    for (const edge of this.#child.edges) {
      const id = all.some((other) => other.id === edge.id) ? freshEdgeId(all) : edge.id;
      ids.set(edge.id, id);
      all.push({ ...edge, id, from: this.#named(edge.from), to: this.#named(edge.to) });
    }
    return all
      .slice(own.length)
      .map((edge) =>
        edge.resets ? { ...edge, resets: edge.resets.map((id) => ids.get(id) ?? id) } : edge,
      );
  }

  /** Where ways that led to the step lead now: to the first steps, or to one put before them. */
  #heads(inner: EdgeSpec[]): readonly string[] {
    const heads = this.#child.entry.map((id) => this.#named(id));
    const { before } = this.#state;
    const ins = this.#document.edges.filter((edge) => edge.to === this.#id);
    const looped = heads.some((head) => inner.some((edge) => edge.to === head));
    const joins = this.#call.join !== undefined;
    const [only] = heads;
    if (Object.keys(before).length === 0 && !(joins && (looped || heads.length > 1))) {
      if (heads.length < 2 || ins.length < 2) {
        if (joins && only !== undefined) {
          this.#nodes[only] = {
            ...(this.#nodes[only] as NodeSpec),
            join: this.#call.join as never,
          };
        }
        return heads;
      }
    }
    const front = this.#add("begin", before, {
      ...(joins && { join: this.#call.join }),
    });
    for (const head of heads) inner.push({ id: this.#edgeId(inner), from: front, to: head });
    return [front];
  }

  /** What leads out of the last steps, and from where the ways of the step lead on. */
  #tails(inner: EdgeSpec[]): { edges: EdgeSpec[]; follow: string | null } {
    const ways = this.#document.edges.filter(
      (edge) => edge.from === this.#id && kindOf(edge) === "ok",
    );
    const after = this.#state.after;
    const ends = Object.keys(this.#nodes).filter((id) => this.#nodes[id]?.type === "end");
    if (ways.length === 0 && Object.keys(after).length === 0) return { edges: inner, follow: null };
    for (const end of ends) {
      const set = textsOf(this.#nodes[end]?.set);
      if (Object.keys(set).length) this.#nodes[end] = { type: "set", set };
    }
    const bare = new Set(ends.filter((end) => this.#nodes[end]?.type === "end"));
    const leading = new Set(inner.map((edge) => edge.from));
    const dead = Object.keys(this.#nodes).filter((id) => !bare.has(id) && !leading.has(id));
    const intoEnds = inner.filter((edge) => bare.has(edge.to));
    const [last] = dead;
    const moves = Object.keys(after).length === 0;
    if (moves && dead.length === 1 && intoEnds.length === 0 && last !== undefined) {
      this.#takeRoute(last);
      this.#forget(bare);
      return { edges: inner, follow: last };
    }
    const [way] = ways;
    if (
      moves &&
      ways.length === 1 &&
      way &&
      this.#leadsOnPlainly(way, intoEnds.length + dead.length)
    ) {
      this.#forget(bare);
      const [first] = intoEnds;
      const limits = {
        ...(way.max !== undefined && { max: way.max }),
        ...(way.resets && { resets: way.resets }),
      };
      const led = inner.map((edge) => {
        if (!bare.has(edge.to)) return edge;
        return { ...edge, ...(edge === first ? limits : {}), to: way.to };
      });
      for (const id of dead) led.push({ id: this.#edgeId(led), from: id, to: way.to });
      return { edges: led, follow: "" };
    }
    const back = this.#add("done", after, {});
    this.#takeRoute(back);
    const led = inner.map((edge) => (bare.has(edge.to) ? { ...edge, to: back } : edge));
    for (const id of dead) if (id !== back) led.push({ id: this.#edgeId(led), from: id, to: back });
    this.#forget(bare);
    return { edges: led, follow: back };
  }

  /** Whether several ways may lead where the one led. */
  #leadsOnPlainly(way: EdgeSpec, exits: number): boolean {
    if (way.when !== undefined || way.else) return false;
    const limited = way.max !== undefined || way.resets !== undefined;
    const policy = (this.#document.nodes[way.to]?.join as { policy?: string } | undefined)?.policy;
    return exits === 1 || (!limited && (policy === undefined || policy === "all_active"));
  }

  #takeRoute(id: string): void {
    const { route, on_no_route: quiet } = this.#call;
    const spec = this.#nodes[id] as NodeSpec;
    this.#nodes[id] = {
      ...spec,
      ...(route !== undefined && { route }),
      ...(quiet !== undefined && { on_no_route: quiet }),
    } as NodeSpec;
  }

  #forget(ids: ReadonlySet<string>): void {
    for (const id of ids) {
      delete this.#nodes[id];
      delete this.#layout[id];
    }
  }

  #add(base: string, set: Readonly<Record<string, string>>, more: object): string {
    const there = { ...this.#document, nodes: { ...this.#document.nodes, ...this.#nodes } };
    const id = freshNodeId(there, base);
    const sets = Object.keys(set).length > 0;
    this.#nodes[id] = { type: sets ? "set" : "noop", ...(sets && { set }), ...more } as NodeSpec;
    const around = bounds(
      Object.values(this.#layout).map(([x, y]) => ({ x, y, width: NODE_WIDTH, height: 64 })),
    );
    const left = base === "begin";
    const x = left
      ? (around?.x ?? 0) - NODE_WIDTH - 80
      : (around?.x ?? 0) + (around?.width ?? 0) + 80;
    this.#layout[id] = [x, around?.y ?? 0];
    return id;
  }

  #edgeId(inner: readonly EdgeSpec[]): string {
    return freshEdgeId([...this.#document.edges, ...inner]);
  }

  /** All edges: the inner ones stand where the first way out of the step stood. */
  #outerEdges(
    heads: readonly string[],
    follow: string | null,
    inner: readonly EdgeSpec[],
  ): EdgeSpec[] {
    const found: EdgeSpec[] = [];
    const later: EdgeSpec[] = [];
    for (const edge of this.#document.edges) {
      const led = edge.to === this.#id ? this.#intoHeads(edge, heads) : [edge];
      if (edge.from !== this.#id) found.push(...led);
      else if (kindOf(edge) === "error") later.push(edge);
      else if (follow) found.push(...led.map((each) => ({ ...each, from: follow })));
    }
    const all = [...found, ...inner];
    for (const way of later) all.push(...this.#failures(way, all));
    return all;
  }

  #intoHeads(edge: EdgeSpec, heads: readonly string[]): EdgeSpec[] {
    return heads.map((head, i) => ({
      ...edge,
      ...(i > 0 && { id: `${edge.id}_${i + 1}` }),
      to: head,
    }));
  }

  /** A failure of any step inside takes the way that a failure of the whole took. */
  #failures(way: EdgeSpec, all: readonly EdgeSpec[]): EdgeSpec[] {
    const made: EdgeSpec[] = [];
    for (const [id, spec] of Object.entries(this.#nodes)) {
      const handled = all.some((edge) => edge.from === id && kindOf(edge) === "error");
      if (!FAILING.has(spec.type) || handled) continue;
      made.push({ ...way, id: freshEdgeId([...all, ...made]), from: id });
    }
    return made;
  }

  #put(heads: readonly string[]): Expanded {
    const document = this.#document;
    const ids = Object.keys(this.#nodes);
    const home = groupOf(document, this.#id);
    const rest = removeNodes(leave(document, new Set([this.#id])), [this.#id]);
    const cancelling = Object.fromEntries(
      Object.entries(document.nodes)
        .filter(([id]) => id !== this.#id)
        .map(([id, spec]) => [id, this.#cancelAll(spec, ids)]),
    );
    const made: GraphDocument = {
      ...rest,
      ...(this.#state.state !== undefined && { state: this.#state.state }),
      entry: document.entry.flatMap((id) => (id === this.#id ? heads : [id])),
      nodes: { ...cancelling, ...this.#nodes },
      edges: this.#edges,
      layout: this.#places(),
    };
    return { document: this.#grouped(made, home, ids), ids };
  }

  #cancelAll(spec: NodeSpec, ids: readonly string[]): NodeSpec {
    if (!Array.isArray(spec.cancels) || !spec.cancels.includes(this.#id)) return spec;
    const cancels = spec.cancels.flatMap((id) => (id === this.#id ? ids : [String(id)]));
    return withField(spec, "cancels", cancels);
  }

  /** Around where the step was; what stood to its right makes room. */
  #places(): GraphDocument["layout"] {
    const { boxes } = sceneOf(this.#document);
    const [x, y] = this.#document.layout[this.#id] ?? [0, 0];
    const area = bounds(
      Object.values(this.#layout).map(([left, top]) => ({
        x: left,
        y: top,
        width: NODE_WIDTH,
        height: 64,
      })),
    ) ?? { x: 0, y: 0, width: NODE_WIDTH, height: 64 };
    const more = Math.max(0, area.width - NODE_WIDTH);
    const others = Object.entries(this.#document.layout).flatMap(([id, [px, py]]) => {
      if (id === this.#id) return [];
      const right = (boxes.get(id)?.x ?? px) > x;
      return [[id, right ? [px + more, py] : [px, py]] as const];
    });
    const top = y - (area.height - 64) / 2;
    const own = Object.entries(this.#layout).map(
      ([id, [px, py]]) => [id, snap([x + px - area.x, top + py - area.y])] as const,
    );
    return Object.fromEntries([...others, ...own]) as GraphDocument["layout"];
  }

  #grouped(document: GraphDocument, home: string | null, ids: readonly string[]): GraphDocument {
    if (home !== null) {
      const group = groupsOf(this.#document).get(home);
      const nodes = [...(group?.nodes ?? []).filter((id) => id !== this.#id), ...ids];
      return groupNodes(document, home, nodes, group?.title);
    }
    return [...groupsOf(this.#child).values()].reduce((grouped, { nodes, title }) => {
      const here = nodes.map((id) => this.#named(id));
      return groupNodes(grouped, freshGroupId(grouped), here, title);
    }, document);
  }
}
