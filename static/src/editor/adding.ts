/** Putting steps on the canvas and wiring them, with the mouse or with the keyboard. */
import type { IconName } from "../canvas/icons";
import { categoryIcon, typeIcon, typeWords } from "../canvas/look";
import { indexOf } from "../model/boxes";
import { between } from "../model/changes";
import type { GraphDocument, NodeSpec, NodeType, Point } from "../model/document";
import { connect, splitEdge } from "../model/edges";
import { NODE_HEIGHT, NODE_WIDTH, type Rect, sceneOf } from "../model/geometry";
import { nearest } from "../model/hit";
import { freshNodeId } from "../model/ids";
import { freshSpec } from "../model/kinds";
import { addNode, placeNodes, snap } from "../model/nodes";
import { search } from "../model/search";
import { onlyEdge, onlyNode, type Selection } from "../model/selection";
import { t } from "../words/t";
import { recentKeys, remember } from "./recent";
import type { Session } from "./session";
import type { Choosing } from "./state";

/** Something the palette offers: a tool, or a node type of the logic group. */
export interface Offer {
  /** `tool:<name>` or `type:<type>`. */
  readonly key: string;
  readonly title: string;
  readonly summary: string;
  readonly group: string;
  readonly icon: IconName;
  readonly tone: "tool" | "logic" | "waiting";
}

const FLOW: readonly (readonly [NodeType, string])[] = [
  ["set", t("Write expressions into the state")],
  ["noop", t("Wait for parallel ways, or give a junction a name")],
  ["map", t("Call a tool, or run a workflow, for every item of a list")],
  ["subgraph", t("Run another workflow and go on with what it leaves")],
  ["end", t("End this branch or the whole run, optionally setting values")],
];
const PEOPLE_AND_TIME: readonly (readonly [NodeType, string])[] = [
  ["human", t("Stop here until somebody has answered a form")],
  ["wait", t("Wait for some time, a moment or a signal")],
  ["emit", t("Wake the steps of this run that wait for it")],
];

/** All offers, what is no tool first, tools by category and name. */
export function offersOf(session: Session): Offer[] {
  const types = [
    ...FLOW.map((row) => offerOf(row, t("Flow"), "logic")),
    ...PEOPLE_AND_TIME.map((row) => offerOf(row, t("People and time"), "waiting")),
  ];
  const tools = [...session.tools.values()]
    .map((tool) => ({
      key: `tool:${tool.name}`,
      title: tool.name,
      summary: tool.summary,
      group: categoryWords(session, tool.category),
      icon: categoryIcon(tool.category),
      tone: "tool" as const,
    }))
    .sort((a, b) => a.group.localeCompare(b.group) || a.title.localeCompare(b.title));
  return [...types, ...tools];
}

function offerOf(
  [type, summary]: readonly [NodeType, string],
  group: string,
  tone: Offer["tone"],
): Offer {
  return {
    key: `type:${type}`,
    title: typeWords(type),
    summary,
    group,
    icon: typeIcon(type),
    tone,
  };
}

/** What a category is called: those of the library by their words, others as they are. */
function categoryWords({ boot }: Session, category: string): string {
  if (!category) return t("Tools");
  return boot.categories?.[category] ?? category.charAt(0).toUpperCase() + category.slice(1);
}

/** The offers that were chosen last, newest first. */
export function recentOf(offers: readonly Offer[]): Offer[] {
  return recentKeys().flatMap((key) => offers.find((offer) => offer.key === key) ?? []);
}

export function findOffers<T extends Offer>(offers: readonly T[], text: string): T[] {
  return search(offers, text, (offer) => [offer.title, offer.group, offer.summary]);
}

/** Ids begin with a better word than some types have. */
const BASES: Readonly<Record<string, string>> = {
  noop: "join",
  map: "each",
  human: "ask",
  subgraph: "run",
};

/** The node a palette item stands for, and the start of its id. */
function specOf(key: string): { spec: NodeSpec; base: string } | null {
  const [kind, name] = key.split(/:(.*)/s, 2);
  if (!name) return null;
  if (kind === "tool") return { spec: { type: "tool", tool: name }, base: lastWord(name) };
  const base = BASES[name] ?? name;
  return { spec: freshSpec(name as NodeType), base };
}

const lastWord = (name: string) => name.split(".").at(-1) ?? name;

/** Open the list of steps at what has the keyboard, or at a point of the canvas. */
export function openChooser(session: Session, where: Partial<Choosing> = {}): void {
  if (!session.mayEdit()) return;
  const { selection, document } = session.state;
  const edge = where.at ? null : onlyEdge(selection);
  const node = where.at ? null : heldNode(selection);
  const wirable = node !== null && document.nodes[node]?.type !== "end";
  session.store.set({
    connecting: null,
    choosing: {
      purpose: "add",
      at: null,
      after: wirable ? { node, kind: "ok" } : null,
      into: edge,
      ...where,
    },
  });
}

/** The step that has the keyboard, however many are selected beside it. */
function heldNode(selection: Selection): string | null {
  const { focus } = selection;
  return focus?.kind === "node" ? focus.id : onlyNode(selection);
}

/** A step that stands alone was dropped on an edge: it goes into it where it lies. */
export function landStep(session: Session, id: string, at: Point, edge: string): void {
  const found = session.document.edges.find((each) => each.id === edge);
  const box = session.boxOf(id);
  if (!found || !box) return;
  const [x, y] = snap(at);
  const others = indexOf(session.document).within({ ...box, x, y });
  const tight = others.some((other) => other !== id);
  session.edit(
    (document) => {
      const roomy = tight ? makeRoom(document, found.from, found.to, id) : null;
      const start = roomy?.document ?? document;
      return between(
        t("insert {id}", { id }),
        document,
        splitEdge(placeNodes(start, new Map([[id, roomy?.at ?? [x, y]]])), edge, id),
      );
    },
    t("Inserted {id} between {from} and {to}", { id, from: found.from, to: found.to }),
  );
}

/**
 * Add the chosen step where the chooser was opened.
 * @param how with `alone` it is not connected; `fields` of the new node are set along
 */
export function addChosen(
  session: Session,
  key: string,
  choosing: Choosing,
  how: { readonly alone?: boolean; readonly fields?: Partial<NodeSpec> | undefined } = {},
): void {
  const made = specOf(key);
  session.store.set({ choosing: null });
  if (!made) return;
  remember(key);
  const { document } = session;
  const id = freshNodeId(document, made.base);
  const spec = { ...made.spec, ...how.fields };
  if (choosing.into) insertInto(session, id, spec, choosing.into);
  else {
    const after = how.alone ? null : choosing.after;
    addAt(session, id, spec, placeFor(session, choosing), after);
  }
}

/** A palette item was clicked, or chosen with Enter: beside the selected node, or in the middle. */
export function addFromPalette(session: Session, key: string): void {
  const { selection } = session.state;
  const node = onlyNode(selection);
  const wirable = node !== null && session.document.nodes[node]?.type !== "end";
  addChosen(session, key, {
    purpose: "add",
    at: null,
    after: wirable ? { node, kind: "ok" } : null,
    into: onlyEdge(selection),
  });
}

/** A palette item was dropped on the canvas, maybe on an edge. */
export function dropStep(session: Session, key: string, at: Point, edge: string | null): void {
  addChosen(session, key, { purpose: "add", at, after: null, into: edge });
}

function addAt(
  session: Session,
  id: string,
  spec: NodeSpec,
  at: Point,
  after: Choosing["after"],
): void {
  const said = after
    ? t("Added {id}, connected after {node}", { id, node: after.node })
    : t("Added {id}", { id });
  const done = session.edit((document) => {
    const added = addNode(document, id, spec, at);
    const fields = after && after.kind !== "ok" ? { on: after.kind } : {};
    const next = after ? connect(added, after.node, id, fields) : added;
    return between(t("add {id}", { id }), document, next);
  }, said);
  if (done) session.goTo(id);
}

function insertInto(session: Session, id: string, spec: NodeSpec, edge: string): void {
  const found = session.document.edges.find((each) => each.id === edge);
  if (!found) return;
  const done = session.edit(
    (document) => {
      const roomy = makeRoom(document, found.from, found.to);
      const added = splitEdge(addNode(roomy.document, id, spec, roomy.at), edge, id);
      return between(t("insert {id}", { id }), document, added);
    },
    t("Inserted {id} between {from} and {to}", { id, from: found.from, to: found.to }),
  );
  if (done) session.goTo(id);
}

const STEP_ASIDE = NODE_WIDTH + 112;
const SPACE = 72;

/**
 * The place between two nodes; what lies to the right moves on when there is too little room.
 * @param own a node that is itself put there, and so takes no room where it is
 */
function makeRoom(
  document: GraphDocument,
  from: string,
  to: string,
  own: string | null = null,
): { document: GraphDocument; at: Point } {
  const { boxes } = sceneOf(document);
  const [source, target] = [boxes.get(from), boxes.get(to)];
  if (!source || !target) return { document, at: [0, 0] };
  const gap = target.x - (source.x + source.width);
  if (gap >= NODE_WIDTH + 2 * SPACE || target.x <= source.x) {
    const middle: Point = [(source.x + target.x) / 2, (source.y + target.y) / 2];
    const below = target.x <= source.x ? Math.max(source.y, target.y) + 96 : middle[1];
    return { document, at: free(document, snap([middle[0], below]), own) };
  }
  const shift = Math.ceil((NODE_WIDTH + 2 * SPACE - gap) / 8) * 8;
  const moved = [...boxes].filter(([id, box]) => id !== own && box.x >= target.x);
  const places = new Map(moved.map(([id, box]) => [id, [box.x + shift, box.y] as Point]));
  const next = placeNodes(document, places);
  const at: Point = [source.x + source.width + SPACE, (source.y + target.y) / 2];
  return { document: next, at: free(next, snap(at), own) };
}

function placeFor(session: Session, choosing: Choosing): Point {
  const { document } = session;
  const { boxes } = sceneOf(document);
  const before = choosing.after && boxes.get(choosing.after.node);
  if (choosing.at && choosing.after)
    return free(document, snap([choosing.at[0], choosing.at[1] - 32]));
  if (choosing.at) return snap([choosing.at[0] - NODE_WIDTH / 2, choosing.at[1] - NODE_HEIGHT / 2]);
  if (before) return free(document, snap([before.x + STEP_ASIDE, before.y]));
  const [x, y] = session.camera?.centre() ?? [0, 0];
  return free(document, snap([x - NODE_WIDTH / 2, y - NODE_HEIGHT / 2]));
}

/** The place itself, or the next one below it where no node lies. */
function free(document: GraphDocument, [x, y]: Point, own: string | null = null): Point {
  const index = indexOf(document);
  const area = (top: number): Rect => ({
    x: x - 16,
    y: top - 16,
    width: NODE_WIDTH + 32,
    height: NODE_HEIGHT + 32,
  });
  const taken = (top: number) => index.within(area(top)).some((id) => id !== own);
  let top = y;
  for (let tries = 0; tries < 200 && taken(top); tries += 1) top += 24;
  return [x, top];
}

/** After a deletion the keyboard goes to the nearest node that is left. */
export function nearestLeft(document: GraphDocument, gone: ReadonlySet<string>): string | null {
  const { boxes } = sceneOf(document);
  const [first] = gone;
  const from = first === undefined ? undefined : boxes.get(first);
  const left = new Map([...boxes].filter(([id]) => !gone.has(id)));
  return from ? nearest(left, [from.x + from.width / 2, from.y + from.height / 2]) : null;
}
