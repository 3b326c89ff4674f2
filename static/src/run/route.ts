import type { Level } from "./lineWords";
import type { LogFilter } from "./logLines";

/** Which part of the side panel is open. */
export type Tab = "why" | "state" | "input" | "output" | "steps";

/** Everything about how the page shows its run; the address holds all of it. */
export interface RouteState {
  /** The moment shown; null follows the run. */
  readonly seq: number | null;
  readonly node: string | null;
  /** Which visit of the node; null for the last one at that moment. */
  readonly visit: number | null;
  readonly tab: Tab;
  readonly log: Omit<LogFilter, "node"> & { readonly onlyNode: boolean };
}

const TABS: readonly Tab[] = ["why", "state", "input", "output", "steps"];
const LEVELS: readonly Level[] = ["debug", "info", "warning", "error"];

export const PLAIN_ROUTE: RouteState = {
  seq: null,
  node: null,
  visit: null,
  tab: "steps",
  log: { level: "info", search: "", onlyNode: false },
};

/** Read the address; parts that make no sense are left at their default. */
export function readRoute(query: string): RouteState {
  const params = new URLSearchParams(query);
  const tab = params.get("tab") as Tab;
  const level = params.get("level") as Level;
  return {
    seq: whole(params.get("seq")),
    node: params.get("node") || null,
    visit: whole(params.get("visit")),
    tab: TABS.includes(tab) ? tab : PLAIN_ROUTE.tab,
    log: {
      level: LEVELS.includes(level) ? level : PLAIN_ROUTE.log.level,
      search: params.get("q") ?? "",
      onlyNode: params.get("only") === "node",
    },
  };
}

/** Write the address; defaults are left out. Parameters of others stay. */
export function writeRoute(route: RouteState, query: string): string {
  const params = new URLSearchParams(query);
  put(params, "seq", route.seq);
  put(params, "node", route.node);
  put(params, "visit", route.node === null ? null : route.visit);
  put(params, "tab", route.tab === PLAIN_ROUTE.tab ? null : route.tab);
  put(params, "level", route.log.level === PLAIN_ROUTE.log.level ? null : route.log.level);
  put(params, "q", route.log.search || null);
  put(params, "only", route.log.onlyNode ? "node" : null);
  const text = params.toString();
  return text ? `?${text}` : "";
}

function whole(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function put(params: URLSearchParams, name: string, value: string | number | null): void {
  if (value === null) params.delete(name);
  else params.set(name, String(value));
}
