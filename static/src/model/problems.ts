/** What is wrong with a document, seen at once in the browser; the server's answer joins in later. */
import { t } from "../words/t";
import { type EdgeSpec, type GraphDocument, hasNodes, isObject, type NodeSpec } from "./document";
import { decisionOf, edgesByNode, kindOf } from "./edges";

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly pointer: string;
  readonly severity: "error" | "warning";
  readonly node: string | null;
  readonly edge: string | null;
}

/** What validation has to know of a tool. */
export interface ToolInfo {
  readonly name: string;
  readonly schema?: { readonly required?: readonly string[] };
}

/** Codes of `validate`: for these the browser's answer, which is fresher, replaces the server's. */
export const LOCAL_CODES: ReadonlySet<string> = new Set([
  "no_nodes", // an empty canvas says so itself
  "no_entry",
  "double_id",
  "unknown_node",
  "unknown_tool",
  "no_workflow",
  "unreachable_node",
  "no_else",
  "else_alone",
  "empty_condition",
]);

const at = (...parts: readonly (string | number)[]) =>
  parts.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** Every problem that the document's own text shows. @param tools by name; null while unknown */
export function validate(
  document: GraphDocument,
  tools: ReadonlyMap<string, ToolInfo> | null,
): Problem[] {
  if (!hasNodes(document)) return [];
  return [
    ...entryProblems(document),
    ...nodeProblems(document, tools),
    ...edgeProblems(document),
    ...strangerProblems(document),
    ...reachProblems(document),
    ...routeProblems(document),
  ];
}

/** The browser's problems first, then those of the server's that they do not already say. */
export function mergeProblems(
  document: GraphDocument,
  local: readonly Problem[],
  server: readonly Problem[],
): Problem[] {
  const named = new Set(server.map((problem) => problem.edge));
  const edges = new Set<string>();
  for (const { id } of document.edges) if (named.has(id)) edges.add(id);
  const said = new Set(local.map(identity));
  const places = new Set(local.map((problem) => problem.pointer));
  const alive = (problem: Problem) =>
    (problem.node === null || Object.hasOwn(document.nodes, problem.node)) &&
    (problem.edge === null || edges.has(problem.edge));
  const fresh = server.filter(
    (problem) =>
      !LOCAL_CODES.has(problem.code) &&
      !said.has(identity(problem)) &&
      !places.has(problem.pointer) &&
      alive(problem),
  );
  return [...local, ...fresh].sort((a, b) => weight(a) - weight(b));
}

const identity = ({ code, node, edge, message }: Problem) =>
  [code, node ?? "", edge ?? "", node || edge ? "" : message].join("\n");
const weight = (problem: Problem) => (problem.severity === "error" ? 0 : 1);

function entryProblems({ entry, nodes }: GraphDocument): Problem[] {
  if (entry.length === 0) {
    return [
      problem("no_entry", t("No node is the entry."), at("entry"), {
        hint: t("Choose a node and mark it as the entry."),
      }),
    ];
  }
  return entry.flatMap((id, index) =>
    Object.hasOwn(nodes, id)
      ? []
      : problem("unknown_node", t('The entry "{id}" is not a node.', { id }), at("entry", index), {
          hint: t("Mark a node of the graph as the entry."),
        }),
  );
}

/** Names of steps that are not there, outside of entry and edges. */
function strangerProblems({ nodes, layout }: GraphDocument): Problem[] {
  const found: Problem[] = [];
  for (const node of Object.keys(nodes)) {
    const { cancels } = nodes[node] as NodeSpec;
    if (!Array.isArray(cancels)) continue;
    for (const [index, id] of cancels.entries()) {
      if (Object.hasOwn(nodes, id)) continue;
      found.push(
        problem(
          "unknown_node",
          t('It withdraws the step "{id}", which is not there.', { id }),
          at("nodes", node, "cancels", index),
          { node, hint: t("Take it off the list or add the node.") },
        ),
      );
    }
  }
  for (const id of strayPlaces({ nodes, layout })) {
    found.push(
      problem(
        "unknown_node",
        t('There is a place for the step "{id}", which is not there.', { id }),
        at("layout", id),
        { hint: t("Remove the place or add the node.") },
      ),
    );
  }
  return found;
}

/** Steps that have a place on the canvas and are not there. */
export function strayPlaces({ nodes, layout }: Pick<GraphDocument, "nodes" | "layout">): string[] {
  return Object.keys(layout).filter((id) => !Object.hasOwn(nodes, id));
}

function nodeProblems(
  { nodes }: GraphDocument,
  tools: ReadonlyMap<string, ToolInfo> | null,
): Problem[] {
  const found: Problem[] = [];
  for (const id of Object.keys(nodes))
    found.push(...problemsOfNode(id, nodes[id] as NodeSpec, tools));
  return found;
}

interface Judged {
  readonly id: string;
  readonly tools: ReadonlyMap<string, ToolInfo> | null;
  readonly found: readonly Problem[];
}

const judged = new WeakMap<NodeSpec, Judged>();

/** Remembered per node: an edit of one leaves thousands as they were. */
function problemsOfNode(
  id: string,
  node: NodeSpec,
  tools: ReadonlyMap<string, ToolInfo> | null,
): readonly Problem[] {
  const known = judged.get(node);
  if (known?.id === id && known.tools === tools) return known.found;
  const found = judgeNode(id, node, tools);
  judged.set(node, { id, tools, found });
  return found;
}

function judgeNode(
  id: string,
  node: NodeSpec,
  tools: ReadonlyMap<string, ToolInfo> | null,
): Problem[] {
  const found: Problem[] = [];
  const [tool, ...path] = calledTool(node);
  if (tool !== null && tools && !tools.has(tool)) {
    found.push(
      problem(
        "unknown_tool",
        tool ? t('There is no tool "{tool}" here.', { tool }) : t("No tool is chosen."),
        at("nodes", id, ...path),
        { hint: t("Choose a registered tool."), node: id },
      ),
    );
  }
  const [workflow, ...place] = calledWorkflow(node);
  if (workflow === "") {
    found.push(
      problem("no_workflow", t("No workflow is chosen."), at("nodes", id, ...place), {
        hint: t("Choose one of your workflows, or a shared one."),
        node: id,
      }),
    );
  }
  return found;
}

/** The workflow a node starts and where it names it; null when it starts none. */
function calledWorkflow(node: NodeSpec): [workflow: string | null, ...path: string[]] {
  const body = node.type === "map" && isObject(node.body) ? node.body : null;
  const call = node.type === "subgraph" ? node : body;
  if (!call || (body && !Object.hasOwn(body, "workflow"))) return [null];
  const named = typeof call.workflow === "string" ? call.workflow : "";
  return [named, ...(body ? ["body"] : []), "workflow"];
}

/** The tool a node calls and where it names it; null when its type calls none. */
function calledTool(node: NodeSpec): [tool: string | null, ...path: string[]] {
  if (node.type === "tool") return [node.tool ?? "", "tool"];
  if (node.type !== "map") return [null];
  if (isObject(node.body) && Object.hasOwn(node.body, "workflow")) return [null];
  const tool = isObject(node.body) ? node.body.tool : undefined;
  return [typeof tool === "string" ? tool : "", "body", "tool"];
}

function edgeProblems({ nodes, edges }: GraphDocument): Problem[] {
  const found: Problem[] = [];
  const seen = new Set<string>();
  for (const [index, edge] of edges.entries()) {
    const about = { edge: edge.id };
    if (seen.has(edge.id)) {
      found.push(
        problem(
          "double_id",
          t('Two edges have the id "{id}".', { id: edge.id }),
          at("edges", index, "id"),
          {
            ...about,
            hint: t("Give one of them another id."),
          },
        ),
      );
    }
    seen.add(edge.id);
    for (const end of ENDS) {
      if (Object.hasOwn(nodes, edge[end])) continue;
      found.push(
        problem(
          "unknown_node",
          edge[end] === ""
            ? t('The edge lacks the step at its end "{end}".', { end })
            : t('The edge names the step "{node}", which is not there.', { node: edge[end] }),
          at("edges", index, end),
          { ...about, hint: t("Remove the edge or add the node.") },
        ),
      );
    }
    if (edge.when !== undefined && edge.when.trim() === "") {
      found.push(
        problem("empty_condition", t("The condition is empty."), at("edges", index, "when"), {
          ...about,
          hint: t("Write an expression such as tries < 3, or let the edge be taken always."),
        }),
      );
    }
  }
  return found;
}

const ENDS = ["from", "to"] as const;

function reachProblems(document: GraphDocument): Problem[] {
  if (!document.entry.some((id) => Object.hasOwn(document.nodes, id))) return [];
  const reached = reachable(document);
  return Object.keys(document.nodes)
    .filter((id) => !reached.has(id))
    .map((id) =>
      problem(
        "unreachable_node",
        t('No way leads from the entry to "{id}".', { id: document.nodes[id]?.title || id }),
        at("nodes", id),
        {
          node: id,
          hint: t("Connect it, mark it as an entry, or remove it."),
        },
      ),
    );
}

const reaches = new WeakMap<
  GraphDocument["edges"],
  { entry: readonly string[]; reached: Set<string> }
>();

/** All nodes that some way from an entry leads to. */
export function reachable({ entry, edges }: GraphDocument): ReadonlySet<string> {
  const known = reaches.get(edges);
  if (known?.entry === entry) return known.reached;
  const outs = edgesByNode(edges);
  const reached = new Set<string>(entry);
  const open = [...entry];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const { to } of outs.get(id) ?? []) {
      if (reached.has(to)) continue;
      reached.add(to);
      open.push(to);
    }
  }
  reaches.set(edges, { entry, reached });
  return reached;
}

function routeProblems({ nodes, edges }: GraphDocument): Problem[] {
  const found: Problem[] = [];
  for (const [id, outs] of edgesByNode(edges)) {
    const node = Object.hasOwn(nodes, id) ? nodes[id] : undefined;
    const route = routeOf(outs);
    if (node && route === "open" && !node.on_no_route) {
      found.push(
        problem(
          "no_else",
          t('"{id}" has conditions but no way for the rest.', { id: node.title || id }),
          at("nodes", id),
          {
            node: id,
            severity: "warning",
            hint: t("Add an else edge; without one the run fails when nothing matches."),
          },
        ),
      );
    }
    if (node && route === "else alone") {
      const edge = outs.find((each) => kindOf(each) === "ok" && each.else);
      found.push(
        problem("else_alone", t("This else edge has no condition beside it."), at("nodes", id), {
          edge: edge?.id ?? null,
          severity: "warning",
          hint: t("Give another edge of the node a condition, or let this one be taken always."),
        }),
      );
    }
  }
  return found;
}

type Route = "whole" | "open" | "else alone";

const routes = new WeakMap<readonly EdgeSpec[], Route>();

/** Whether conditions leave a rest without a way, or an else has none beside it. */
function routeOf(outs: readonly EdgeSpec[]): Route {
  const known = routes.get(outs);
  if (known) return known;
  const kinds = new Set(outs.filter((edge) => kindOf(edge) === "ok").map(decisionOf));
  const open = kinds.has("when") && !kinds.has("else") && !kinds.has("always");
  const alone = kinds.has("else") && !kinds.has("when");
  const route = open ? "open" : alone ? "else alone" : "whole";
  routes.set(outs, route);
  return route;
}

function problem(
  code: string,
  message: string,
  pointer: string,
  more: Partial<Problem> = {},
): Problem {
  return { code, message, pointer, hint: "", severity: "error", node: null, edge: null, ...more };
}
