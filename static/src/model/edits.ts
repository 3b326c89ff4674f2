/** What a person can do to a document, as commands. Each gives null when it would change nothing. */
import { between, type Command } from "./changes";
import { type Clip, type Pasted, paste } from "./clipboard";
import type { GraphDocument, NodeSpec, Point } from "./document";
import {
  connect,
  type Decision,
  healAround,
  moveEdge,
  setDecision,
  setEdgeField,
  splitEdge,
} from "./edges";
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

type Edit = (document: GraphDocument) => Command | null;

const edit =
  (label: string, change: (document: GraphDocument) => GraphDocument): Edit =>
  (document) =>
    between(label, document, change(document));

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`;

export const add = (id: string, spec: NodeSpec, at: Point) =>
  edit(`add ${id}`, (document) => addNode(document, id, spec, at));

/** Add a node and an edge from another node to it, as one step. */
export const addAfter = (id: string, spec: NodeSpec, at: Point, from: string, on = "ok") =>
  edit(`add ${id}`, (document) =>
    connect(addNode(document, id, spec, at), from, id, on === "ok" ? {} : { on }),
  );

/** Add a node in the middle of an edge, as one step. */
export const addInto = (id: string, spec: NodeSpec, at: Point, edge: string) =>
  edit(`insert ${id}`, (document) => splitEdge(addNode(document, id, spec, at), edge, id));

export const move = (places: ReadonlyMap<string, Point>) =>
  edit(`move ${plural(places.size, "node")}`, (document) => placeNodes(document, places));

export const wire = (from: string, to: string, on = "ok") =>
  edit(`connect ${from} to ${to}`, (document) =>
    connect(document, from, to, on === "ok" ? {} : { on }),
  );

/** Remove nodes and edges. With `heal`, what stood before and after each node is joined. */
export const remove = (nodes: ReadonlySet<string>, edges: ReadonlySet<string>, heal = false) =>
  edit(removeLabel(nodes, edges), (document) => {
    const healed = heal ? [...nodes].reduce(healAround, document) : document;
    return removeNodes(dropEdges(healed, edges), nodes);
  });

function removeLabel(nodes: ReadonlySet<string>, edges: ReadonlySet<string>): string {
  const [only] = nodes;
  if (nodes.size === 0) return `delete ${plural(edges.size, "connection")}`;
  return nodes.size === 1 ? `delete ${only}` : `delete ${plural(nodes.size, "node")}`;
}

export const rename = (from: string, to: string) =>
  edit(`rename ${from}`, (document) => renameNode(document, from, to));

export const setNode = (id: string, field: string, value: unknown) =>
  edit(`change ${field} of ${id}`, (document) => setNodeField(document, id, field, value));

/** Set one key of a map inside a node, such as one input; the map goes when it is empty. */
export const setNodeEntry = (id: string, field: string, key: string, value: string | undefined) =>
  edit(`change ${key} of ${id}`, (document) => {
    const old = (document.nodes[id]?.[field] ?? {}) as Record<string, string>;
    const next = withField(old, key, value);
    if (next === old) return document;
    return setNodeField(document, id, field, Object.keys(next).length ? next : undefined);
  });

/** Let a node, or the body of a map, run another workflow: no version of the old one stays. */
export const setWorkflow = (id: string, path: readonly string[], key: string) =>
  edit(`change the workflow of ${id}`, (document) => {
    const spec = document.nodes[id];
    if (!spec) return document;
    const bare = withPath(spec, [...path, "version"], undefined);
    return putNode(document, id, withPath(bare, [...path, "workflow"], key));
  });

/** Set a value inside of a node, such as the tool of a map's body. */
export const setNodePath = (id: string, path: readonly string[], value: unknown) =>
  edit(`change ${path.at(-1)} of ${id}`, (document) => {
    const spec = document.nodes[id];
    return spec ? putNode(document, id, withPath(spec, path, value)) : document;
  });

export const renameWait = (id: string, from: string, to: string) =>
  edit(`rename ${from} of ${id}`, (document) => renameAlternative(document, id, from, to));

export const replaceNode = (id: string, spec: NodeSpec) =>
  edit(`change ${id}`, (document) => putNode(document, id, spec));

export const setEdge = (id: string, field: string, value: unknown) =>
  edit("change a connection", (document) => setEdgeField(document, id, field, value));

export const decide = (id: string, decision: Decision, when = "") =>
  edit("change when a connection is taken", (document) =>
    setDecision(document, id, decision, when),
  );

export const reorder = (id: string, by: -1 | 1) =>
  edit("change the order of connections", (document) => moveEdge(document, id, by));

export const switchOff = (ids: ReadonlySet<string>, off: boolean) =>
  edit(`switch ${off ? "off" : "on"} ${plural(ids.size, "node")}`, (document) =>
    setDisabled(document, ids, off),
  );

export const makeEntry = (id: string) =>
  edit(`make ${id} the entry`, (document) => moveEntry(document, id));

export const toggleEntry = (id: string, on: boolean) =>
  edit(on ? `make ${id} an entry` : `no entry at ${id}`, (document) => setEntry(document, id, on));

export const addNote = (id: string, note: Note) =>
  edit("add a note", (document) => putNote(document, id, note));

export const setNote = (id: string, change: Partial<Note>) =>
  edit("change a note", (document) => changeNote(document, id, change));

export const dropNote = (id: string) =>
  edit("delete a note", (document) => removeNote(document, id));

/** Set a top-level part of the document, such as its name, its state or its limits. */
export const setPart = (key: string, value: unknown) =>
  edit(`change ${key}`, (document) => withField(document, key, value));

export const tidy: Edit = edit("tidy up", (document) => placeNodes(document, layout(document)));

export const replace = (label: string, next: GraphDocument) => edit(label, () => next);

export function pasteClip(
  document: GraphDocument,
  clip: Clip,
  at: Point | null,
): { command: Command | null; ids: Pasted["ids"] } {
  const pasted = paste(document, clip, at);
  const label = `paste ${plural(pasted.ids.length, "node")}`;
  return { command: between(label, document, pasted.document), ids: pasted.ids };
}
