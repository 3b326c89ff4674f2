/** Keeps the address and the view alike: a reload or a shared link shows the same. */
import { getJson } from "../live/http";
import { onlyEdge, onlyNode } from "../model/selection";
import type { RunItem } from "../run/boot";
import { t } from "../words/t";
import { type Address, readAddress, writeAddress } from "./address";
import { sentence } from "./api";
import { follow } from "./following";
import { WHOLE } from "./run/plan";
import type { Session } from "./session";
import type { EditorState } from "./state";

/** So long after the last change it is written: browsers allow it only so often. */
const QUIET_MS = 200;

/** The run of a link, while it is asked for. */
interface Awaited {
  run: string | null;
}

/** Show what the address says, and write into it what is shown. Returns what ends that. */
export function keepAddress(session: Session): () => void {
  const awaited: Awaited = { run: null };
  const asked = readAddress(location.hash);
  // Somebody may have been faster than this file.
  if (asked && isUntouched(session.state)) show(session, asked, awaited);
  let timer = 0;
  const write = () => {
    clearTimeout(timer);
    timer = 0;
    const wanted = writeAddress(shownBy(session.state, awaited));
    if (wanted === location.hash || (!wanted && readAddress(location.hash) === null)) return;
    // In place: Back leaves the editor, however much was looked at in it.
    history.replaceState(history.state, "", location.pathname + location.search + wanted);
  };
  const later = () => {
    timer ||= window.setTimeout(write, QUIET_MS);
  };
  const changed = () => {
    const next = readAddress(location.hash);
    if (next && writeAddress(next) !== writeAddress(shownBy(session.state, awaited))) {
      show(session, next, awaited);
    }
  };
  const leave = () => timer && write();
  const forget = session.store.subscribe(later);
  window.addEventListener("hashchange", changed);
  window.addEventListener("pagehide", leave);
  return () => {
    clearTimeout(timer);
    forget();
    window.removeEventListener("hashchange", changed);
    window.removeEventListener("pagehide", leave);
  };
}

function isUntouched({ selection, run }: EditorState): boolean {
  return selection.nodes.size === 0 && selection.edges.size === 0 && run === null;
}

function shownBy(state: EditorState, awaited: Awaited): Address {
  const { selection, nodeTab, run, logFilter, outline } = state;
  const node = onlyNode(selection);
  return {
    node,
    edge: onlyEdge(selection),
    tab: nodeTab,
    run: run?.id ?? awaited.run,
    round: node !== null && logFilter.node === node ? logFilter.visit : null,
    outline,
  };
}

function show(session: Session, address: Address, awaited: Awaited): void {
  const { node, edge, tab, run, round, outline } = address;
  session.store.set({ outline, nodeTab: tab });
  const { document } = session;
  if (node !== null && Object.hasOwn(document.nodes, node)) {
    session.goTo(node);
    if (tab !== "settings") session.store.set({ drawer: "inspector" });
  } else if (document.edges.some((each) => each.id === edge)) session.goToEdge(edge ?? "");
  else if (node !== null || edge !== null) {
    session.tell({
      tone: "info",
      text: t("What this link leads to is not in the draft any more."),
    });
  }
  if (run !== null && run !== session.state.run?.id) {
    awaited.run = run;
    void showRun(session, run, awaited).then(() => showRound(session, run, node, round));
  } else if (run !== null) showRound(session, run, node, round);
}

/** The run of a link is shown if it is one of this workflow. */
async function showRun(session: Session, id: string, awaited: Awaited): Promise<void> {
  const { api } = session.boot.urls;
  try {
    const run = await getJson<RunItem>(`${api}/runs/${encodeURIComponent(id)}`);
    if (awaited.run !== id) return;
    if (run.workflow?.id !== session.boot.workflow.id) {
      session.tell({ tone: "info", text: t("The run of this link is one of another workflow.") });
    } else follow(session, run.id, session.document, WHOLE);
  } catch (error) {
    const text = t("The run of this link cannot be shown. {error}", { error: sentence(error) });
    session.tell({ tone: "info", text });
  } finally {
    if (awaited.run === id) awaited.run = null;
    // What is not shown leaves the address.
    session.store.set({});
  }
}

function showRound(session: Session, run: string, node: string | null, round: number | null): void {
  const { state } = session;
  if (state.run?.id !== run || node === null || round === null) return;
  session.store.set({ logFilter: { ...state.logFilter, node, visit: round } });
}
