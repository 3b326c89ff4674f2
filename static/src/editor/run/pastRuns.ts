/** Earlier runs of the workflow: what a test run can begin with, and what a pin can be made of. */
import type { RunEvent } from "../../live/events";
import { getJson } from "../../live/http";
import type { Json, NodeSpec } from "../../model/document";
import type { NodeState } from "../../model/runstate";
import type { RunItem } from "../../run/boot";
import type { Session } from "../session";
import { type Found, isApart, lastSuccess, outputOf } from "./lastOutput";
import type { State } from "./plan";

/** So many runs are looked through for one that came to a step. */
const LOOKED_AT = 5;
/** The most that the API gives at once. */
const PAGE = 500;
/** A loop that went round more often than this is read no further. */
const MOST_PAGES = 20;

export type PastRun = Pick<RunItem, "id" | "created_at" | "status">;

/** The last run of the workflow that the person may see, or null. */
export async function lastRun(session: Session): Promise<PastRun | null> {
  return (await newest(session, 1))[0] ?? null;
}

/** The last run that came to the node: the one on the canvas, else one of the newest. */
export async function lastRunAt(session: Session, node: string): Promise<PastRun | null> {
  const shown = session.state.run;
  if (shown?.view.nodes.get(node)) {
    const created_at = shown.view.createdAt ?? "";
    return { id: shown.id, created_at, status: shown.view.status };
  }
  for (const run of await newest(session, LOOKED_AT)) {
    const { nodes } = await getJson<{ nodes: Record<string, NodeState> }>(runUrl(session, run.id));
    if ((nodes[node]?.status ?? "idle") !== "idle") return run;
  }
  return null;
}

/** What a run was started with. */
export async function inputOf(session: Session, run: string): Promise<State> {
  const { items } = await getJson<Events>(`${runUrl(session, run)}/events?limit=1`);
  const state = items[0]?.data.state;
  return typeof state === "object" && state !== null ? (state as State) : {};
}

/** What the node gave the last time in this run. */
export async function lastOutput(
  session: Session,
  run: string,
  node: string,
  spec: NodeSpec,
): Promise<Found> {
  const events = await eventsOf(session, run, node);
  const end = lastSuccess(events);
  if (!end || !isApart(events)) return outputOf(spec, events, null);
  const url = `${runUrl(session, run)}/state?seq=${end.seq}`;
  const { state } = await getJson<{ state: Record<string, Json> }>(url);
  return outputOf(spec, events, state);
}

async function eventsOf(session: Session, run: string, node: string): Promise<RunEvent[]> {
  const found: RunEvent[] = [];
  const about = `node=${encodeURIComponent(node)}&limit=${PAGE}`;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const url = `${runUrl(session, run)}/events?${about}&after=${found.at(-1)?.seq ?? 0}`;
    const { items } = await getJson<Events>(url);
    found.push(...items);
    if (items.length < PAGE) break;
  }
  return found;
}

async function newest(session: Session, count: number): Promise<readonly PastRun[]> {
  const { api } = session.boot.urls;
  const url = `${api}/runs?workflow=${session.boot.workflow.id}&limit=${count}`;
  return (await getJson<{ items: readonly PastRun[] }>(url)).items;
}

interface Events {
  readonly items: readonly RunEvent[];
}

const runUrl = (session: Session, run: string) => `${session.boot.urls.api}/runs/${run}`;
