/** Wiring nodes that are already there, with the mouse or with the keyboard alone. */
import { between } from "../model/changes";
import { connect, refusal } from "../model/edges";
import { type Rect, sceneOf } from "../model/geometry";
import { type Direction, nearest, neighbour } from "../model/hit";
import { search } from "../model/search";
import { onlyNode } from "../model/selection";
import { t } from "../words/t";
import type { Session } from "./session";

/** Connect two nodes, or say why not. True when it was done. */
export function connectNodes(session: Session, from: string, to: string, kind = "ok"): boolean {
  const why = refusal(session.document, from, to, kind);
  if (why) {
    session.say(why);
    session.tell({ tone: "info", text: why });
    return false;
  }
  return session.edit(
    (document) =>
      between(
        t("connect {from} to {to}", { from, to }),
        document,
        connect(document, from, to, kind === "ok" ? {} : { on: kind }),
      ),
    t("Connected {from} to {to}", { from, to }),
  );
}

/** Begin connect mode at the node that has the keyboard. */
export function beginConnect(session: Session): void {
  if (!session.mayEdit()) return;
  const { selection } = session.state;
  const { focus, nodes } = selection;
  const from = focus?.kind === "node" && nodes.size < 2 ? focus.id : onlyNode(selection);
  if (!from) {
    session.say(t("Select one step first, then press C to connect it"));
    return;
  }
  if (session.document.nodes[from]?.type === "end") {
    session.say(t("An end step has no ways out"));
    return;
  }
  const { boxes } = sceneOf(session.document);
  const candidate = neighbour(boxes, from, "right") ?? otherThan(boxes, from);
  session.store.set({ connecting: { from, candidate, typed: "" }, choosing: null });
  session.say(
    candidate
      ? t("Connect from {from}. To {to}?", { from, to: candidate })
      : t("Connect from {from}. There is no other step.", { from }),
  );
}

function otherThan(boxes: ReadonlyMap<string, Rect>, id: string): string | null {
  const others = new Map([...boxes].filter(([other]) => other !== id));
  const box = boxes.get(id);
  return box ? nearest(others, [box.x, box.y]) : null;
}

/** One key of connect mode. True when it was used. */
export function connectKey(session: Session, key: string, arrow: Direction | null): boolean {
  const { connecting } = session.state;
  if (!connecting) return false;
  if (key === "Escape") return leaveConnect(session, t("Connecting cancelled"));
  if (key === "Enter") return finishConnect(session);
  if (arrow) {
    const { boxes } = sceneOf(session.document);
    const next = neighbour(boxes, connecting.candidate ?? connecting.from, arrow);
    if (next) aim(session, next, "");
    return true;
  }
  const typed =
    key === "Backspace"
      ? connecting.typed.slice(0, -1)
      : key.length === 1
        ? connecting.typed + key
        : null;
  if (typed === null) return false;
  aimByName(session, typed);
  return true;
}

function aimByName(session: Session, typed: string): void {
  const ids = Object.keys(session.document.nodes);
  const title = (id: string) => session.document.nodes[id]?.title ?? id;
  const [first] = search(ids, typed, (id) => [id, title(id)]);
  const { connecting } = session.state;
  if (first && typed) aim(session, first, typed);
  else if (connecting) {
    session.store.set({ connecting: { ...connecting, typed } });
    if (typed) session.say(t("No step named {typed}", { typed }));
  }
}

function aim(session: Session, candidate: string, typed: string): void {
  const { connecting } = session.state;
  if (!connecting) return;
  session.store.set({ connecting: { ...connecting, candidate, typed } });
  const box = sceneOf(session.document).boxes.get(candidate);
  if (box) session.camera?.reveal(box);
  session.say(candidate);
}

function finishConnect(session: Session): boolean {
  const { connecting } = session.state;
  if (!connecting?.candidate) return leaveConnect(session, t("There is no step to connect to"));
  session.store.set({ connecting: null });
  connectNodes(session, connecting.from, connecting.candidate);
  session.focus(connecting.from);
  return true;
}

export function leaveConnect(session: Session, said: string): true {
  const { connecting } = session.state;
  session.store.set({ connecting: null });
  session.say(said);
  if (connecting) session.focus(connecting.from);
  return true;
}

/** Select the next edge that leaves the focused node, so that Enter edits it. */
export function nextEdge(session: Session): void {
  const { selection, document } = session.state;
  const current = document.edges.find((edge) => selection.edges.has(edge.id));
  const from = current?.from ?? (selection.focus?.kind === "node" ? selection.focus.id : undefined);
  const outs = document.edges.filter((edge) => edge.from === from);
  const edge = outs[(outs.findIndex((each) => each.id === current?.id) + 1) % outs.length];
  if (!edge) {
    session.say(t("This step has no connections that lead on"));
    return;
  }
  session.goToEdge(edge.id);
  session.say(
    t("Connection to {step}, {when}. Enter edits it", { step: edge.to, when: describe(edge) }),
  );
}

function describe(edge: { readonly when?: string; readonly else?: boolean }): string {
  if (edge.else) return t("otherwise");
  return edge.when === undefined ? t("always") : t("when {when}", { when: edge.when });
}
