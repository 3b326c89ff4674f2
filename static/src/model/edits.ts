/** What a person can do to a document, as commands. Each gives null when it would change nothing. */
import { t, tn } from "../words/t";
import { between, type Command } from "./changes";
import { type Clip, type Pasted, paste } from "./clipboard";
import type { GraphDocument, Json, NodeSpec, Point } from "./document";
import {
  connect,
  type Decision,
  healAround,
  moveEdge,
  setDecision,
  setEdgeField,
  splitEdge,
} from "./edges";
import { changeGroup, dissolve, groupNodes, leave, moveNodes, renameInGroups } from "./groups";
import { layout } from "./layout";
import {
  addNode,
  dropEdges,
  moveEntry,
  placeNodes,
  putNode,
  removeNodes,
  renameAlternative,
  renameNode,
  setDisabled,
  setEntry,
  setNodeField,
  withField,
  withPath,
} from "./nodes";
import { changeNote, type Note, putNote, removeNote } from "./notes";
import { putPin } from "./pins";

type Edit = (document: GraphDocument) => Command | null;

const edit =
  (label: string, change: (document: GraphDocument) => GraphDocument): Edit =>
  (document) =>
    between(label, document, change(document));

export const add = (id: string, spec: NodeSpec, at: Point) =>
  edit(t("add {id}", { id }), (document) => addNode(document, id, spec, at));

/** Add a node and an edge from another node to it, as one step. */
export const addAfter = (id: string, spec: NodeSpec, at: Point, from: string, on = "ok") =>
  edit(t("add {id}", { id }), (document) =>
    connect(addNode(document, id, spec, at), from, id, on === "ok" ? {} : { on }),
  );

/** Add a node in the middle of an edge, as one step. */
export const addInto = (id: string, spec: NodeSpec, at: Point, edge: string) =>
  edit(t("insert {id}", { id }), (document) =>
    splitEdge(addNode(document, id, spec, at), edge, id),
  );

export const move = (places: ReadonlyMap<string, Point>) =>
  edit(tn("move {count} node", "move {count} nodes", places.size), (document) =>
    moveNodes(document, places),
  );

/** Put nodes into line. */
export const align = (places: ReadonlyMap<string, Point>) =>
  edit(tn("align {count} node", "align {count} nodes", places.size), (document) =>
    placeNodes(document, places),
  );

/** Put nodes at equal distances. */
export const distribute = (places: ReadonlyMap<string, Point>) =>
  edit(tn("distribute {count} node", "distribute {count} nodes", places.size), (document) =>
    placeNodes(document, places),
  );

export const wire = (from: string, to: string, on = "ok") =>
  edit(t("connect {from} to {to}", { from, to }), (document) =>
    connect(document, from, to, on === "ok" ? {} : { on }),
  );

/** Remove nodes and edges. With `heal`, what stood before and after each node is joined. */
export const remove = (nodes: ReadonlySet<string>, edges: ReadonlySet<string>, heal = false) =>
  edit(removeLabel(nodes, edges), (document) => {
    const healed = heal ? [...nodes].reduce(healAround, document) : document;
    return removeNodes(dropEdges(leave(healed, nodes), edges), nodes);
  });

function removeLabel(nodes: ReadonlySet<string>, edges: ReadonlySet<string>): string {
  const [only = ""] = nodes;
  if (nodes.size === 0) {
    return tn("delete {count} connection", "delete {count} connections", edges.size);
  }
  if (nodes.size === 1) return t("delete {id}", { id: only });
  return tn("delete {count} node", "delete {count} nodes", nodes.size);
}

export const rename = (from: string, to: string) =>
  edit(t("rename {id}", { id: from }), (document) => {
    const called = renameInGroups(document, from, to);
    const renamed = renameNode(called, from, to);
    return renamed === called ? document : renamed;
  });

export const setNode = (id: string, field: string, value: unknown) =>
  edit(t("change {field} of {id}", { field, id }), (document) =>
    setNodeField(document, id, field, value),
  );

/** Set one key of a map inside a node, such as one input; the map goes when it is empty. */
export const setNodeEntry = (id: string, field: string, key: string, value: string | undefined) =>
  edit(t("change {field} of {id}", { field: key, id }), (document) => {
    const old = (document.nodes[id]?.[field] ?? {}) as Record<string, string>;
    const next = withField(old, key, value);
    if (next === old) return document;
    return setNodeField(document, id, field, Object.keys(next).length ? next : undefined);
  });

/** Let a node, or the body of a map, run another workflow: no version of the old one stays. */
export const setWorkflow = (id: string, path: readonly string[], key: string) =>
  edit(t("change the workflow of {id}", { id }), (document) => {
    const spec = document.nodes[id];
    if (!spec) return document;
    const bare = withPath(spec, [...path, "version"], undefined);
    return putNode(document, id, withPath(bare, [...path, "workflow"], key));
  });

/** Set a value inside of a node, such as the tool of a map's body. */
export const setNodePath = (id: string, path: readonly string[], value: unknown) =>
  edit(t("change {field} of {id}", { field: path.at(-1) ?? "", id }), (document) => {
    const spec = document.nodes[id];
    return spec ? putNode(document, id, withPath(spec, path, value)) : document;
  });

export const renameWait = (id: string, from: string, to: string) =>
  edit(t("rename {name} of {id}", { name: from, id }), (document) =>
    renameAlternative(document, id, from, to),
  );

export const replaceNode = (id: string, spec: NodeSpec) =>
  edit(t("change {name}", { name: id }), (document) => putNode(document, id, spec));

export const setEdge = (id: string, field: string, value: unknown) =>
  edit(t("change a connection"), (document) => setEdgeField(document, id, field, value));

export const decide = (id: string, decision: Decision, when = "") =>
  edit(t("change when a connection is taken"), (document) =>
    setDecision(document, id, decision, when),
  );

export const reorder = (id: string, by: -1 | 1) =>
  edit(t("change the order of connections"), (document) => moveEdge(document, id, by));

const switchLabel = (count: number, off: boolean) =>
  off
    ? tn("switch off {count} node", "switch off {count} nodes", count)
    : tn("switch on {count} node", "switch on {count} nodes", count);

export const switchOff = (ids: ReadonlySet<string>, off: boolean) =>
  edit(switchLabel(ids.size, off), (document) => setDisabled(document, ids, off));

export const makeEntry = (id: string) =>
  edit(t("make {id} the entry", { id }), (document) => moveEntry(document, id));

export const toggleEntry = (id: string, on: boolean) =>
  edit(on ? t("make {id} an entry", { id }) : t("no entry at {id}", { id }), (document) =>
    setEntry(document, id, on),
  );

export const group = (id: string, nodes: ReadonlySet<string>, title = "") =>
  edit(tn("group {count} node", "group {count} nodes", nodes.size), (document) =>
    groupNodes(document, id, nodes, title),
  );

const leaveLabel = (count: number) =>
  tn("take {count} node out of a group", "take {count} nodes out of a group", count);

/** Dissolve groups, and take nodes out of theirs. */
export const ungroup = (ids: readonly string[], nodes: ReadonlySet<string> = new Set()) =>
  edit(ids.length ? t("ungroup") : leaveLabel(nodes.size), (document) =>
    leave(ids.reduce(dissolve, document), nodes),
  );

export const collapse = (id: string, collapsed: boolean) =>
  edit(collapsed ? t("collapse a group") : t("open a group"), (document) =>
    changeGroup(document, id, { collapsed }),
  );

export const nameGroup = (id: string, title: string) =>
  edit(t("name a group"), (document) => changeGroup(document, id, { title }));

export const addNote = (id: string, note: Note) =>
  edit(t("add a note"), (document) => putNote(document, id, note));

export const setNote = (id: string, change: Partial<Note>) =>
  edit(t("change a note"), (document) => changeNote(document, id, change));

export const dropNote = (id: string) =>
  edit(t("delete a note"), (document) => removeNote(document, id));

/** Keep a value that stands in for a step in test runs; `undefined` lets the step work again. */
export const pin = (id: string, value: Json | undefined) =>
  edit(value === undefined ? t("unpin {id}", { id }) : t("pin {id}", { id }), (document) =>
    putPin(document, id, value),
  );

/** Set a top-level part of the document, such as its name, its state or its limits. */
export const setPart = (key: string, value: unknown) =>
  edit(t("change {name}", { name: key }), (document) => withField(document, key, value));

export const tidy: Edit = (document) => tidyTo(layout(document))(document);

/** The same with places that were worked out elsewhere. */
export const tidyTo = (places: ReadonlyMap<string, Point>) =>
  edit(t("tidy up"), (document) => placeNodes(document, places));

export const replace = (label: string, next: GraphDocument) => edit(label, () => next);

/** @param links also join the copies to what the originals were joined to */
export function pasteClip(
  document: GraphDocument,
  clip: Clip,
  at: Point | null,
  links = false,
): { command: Command | null; ids: Pasted["ids"] } {
  const pasted = paste(document, clip, at, links);
  const label = tn("paste {count} node", "paste {count} nodes", pasted.ids.length);
  return { command: between(label, document, pasted.document), ids: pasted.ids };
}
