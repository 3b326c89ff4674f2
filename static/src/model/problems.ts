/** What is wrong with a document, seen at once in the browser; the server's answer joins in later. */
import { type GraphDocument, isObject, type NodeSpec } from "./document";
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
  "unknown_entry",
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
  if (Object.keys(document.nodes).length === 0) return [];
  return [
    ...entryProblems(document),
    ...nodeProblems(document, tools),
    ...edgeProblems(document),
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
  const edges = new Set(document.edges.map((edge) => edge.id));
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
      problem("no_entry", "No node is the entry.", at("entry"), {
        hint: "Choose a node and mark it as the entry.",
      }),
    ];
  }
  return entry
    .filter((id) => !Object.hasOwn(nodes, id))
    .map((id) =>
      problem("unknown_entry", `The entry "${id}" is not a node.`, at("entry"), {
        hint: "Mark a node of the graph as the entry.",
      }),
    );
}

function nodeProblems(
  { nodes }: GraphDocument,
  tools: ReadonlyMap<string, ToolInfo> | null,
): Problem[] {
  return Object.entries(nodes).flatMap(([id, node]) => {
    const found: Problem[] = [];
    const [tool, ...path] = calledTool(node);
    if (tool !== null && tools && !tools.has(tool)) {
      found.push(
        problem(
          "unknown_tool",
          tool ? `There is no tool "${tool}" here.` : "No tool is chosen.",
          at("nodes", id, ...path),
          { hint: "Choose a registered tool.", node: id },
        ),
      );
    }
    const [workflow, ...place] = calledWorkflow(node);
    if (workflow === "") {
      found.push(
        problem("no_workflow", "No workflow is chosen.", at("nodes", id, ...place), {
          hint: "Choose one of your workflows, or a shared one.",
          node: id,
        }),
      );
    }
    return found;
  });
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
  const seen = new Set<string>();
  return edges.flatMap((edge, index) => {
    const found: Problem[] = [];
    const about = { edge: edge.id };
    if (seen.has(edge.id)) {
      found.push(
        problem("double_id", `Two edges have the id "${edge.id}".`, at("edges", index), {
          ...about,
          hint: "Give one of them another id.",
        }),
      );
    }
    seen.add(edge.id);
    for (const end of ["from", "to"] as const) {
      if (Object.hasOwn(nodes, edge[end])) continue;
      found.push(
        problem(
          "unknown_node",
          `Edge "${edge.id}" names the node "${edge[end]}", which is not there.`,
          at("edges", index, end),
          { ...about, hint: "Remove the edge or add the node." },
        ),
      );
    }
    if (edge.when !== undefined && edge.when.trim() === "") {
      found.push(
        problem("empty_condition", "The condition is empty.", at("edges", index, "when"), {
          ...about,
          hint: "Write an expression such as tries < 3, or let the edge be taken always.",
        }),
      );
    }
    return found;
  });
}

function reachProblems(document: GraphDocument): Problem[] {
  if (!document.entry.some((id) => Object.hasOwn(document.nodes, id))) return [];
  const reached = reachable(document);
  return Object.keys(document.nodes)
    .filter((id) => !reached.has(id))
    .map((id) =>
      problem("unreachable_node", `No way leads from the entry to "${id}".`, at("nodes", id), {
        node: id,
        hint: "Connect it, mark it as an entry, or remove it.",
      }),
    );
}

/** All nodes that some way from an entry leads to. */
export function reachable({ entry, edges }: GraphDocument): Set<string> {
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
  return reached;
}

function routeProblems({ nodes, edges }: GraphDocument): Problem[] {
  const found: Problem[] = [];
  const byNode = edgesByNode(edges);
  for (const [id, node] of Object.entries(nodes)) {
    const outs = (byNode.get(id) ?? []).filter((edge) => kindOf(edge) === "ok");
    const kinds = new Set(outs.map(decisionOf));
    if (kinds.has("when") && !kinds.has("else") && !kinds.has("always") && !node.on_no_route) {
      found.push(
        problem("no_else", `"${id}" has conditions but no way for the rest.`, at("nodes", id), {
          node: id,
          severity: "warning",
          hint: "Add an else edge; without one the run fails when nothing matches.",
        }),
      );
    }
    if (kinds.has("else") && !kinds.has("when")) {
      const edge = outs.find((each) => each.else);
      found.push(
        problem("else_alone", "This else edge has no condition beside it.", at("nodes", id), {
          edge: edge?.id ?? null,
          severity: "warning",
          hint: "Give another edge of the node a condition, or let this one be taken always.",
        }),
      );
    }
  }
  return found;
}

function problem(
  code: string,
  message: string,
  pointer: string,
  more: Partial<Problem> = {},
): Problem {
  return { code, message, pointer, hint: "", severity: "error", node: null, edge: null, ...more };
}
