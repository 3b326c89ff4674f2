/** Every key of the editor's canvas. Letters act only while the canvas has the keyboard. */
import { arrowOf, cameraKey, directionOf, isPlain, type Keys } from "../canvas/keys";
import type { Point } from "../model/document";
import * as edits from "../model/edits";
import { bounds, sceneOf } from "../model/geometry";
import { neighbour } from "../model/hit";
import {
  NOTHING,
  onlyEdge,
  onlyNode,
  selectNode,
  selectNodes,
  toggleNode,
} from "../model/selection";
import { openChooser } from "./adding";
import { deleteSelected, duplicate, selectAll } from "./clipping";
import { beginConnect, connectKey, nextEdge } from "./connecting";
import { addNote } from "./noting";
import { askToRun, publishSoon, stopRun } from "./running";
import type { Session } from "./session";
import { nextProblem } from "./troubles";

/** Do what a key means on the canvas. True when it meant something. */
export function canvasKey(session: Session, event: Keys): boolean {
  if (connectKey(session, event.key, arrowOf(event))) return true;
  return (
    travelKey(session, event) ||
    modifiedKey(session, event) ||
    plainKey(session, event) ||
    cameraKey(event, session.camera, bounds(sceneOf(session.document).boxes.values()))
  );
}

/** Keys that work anywhere on the page, also while a field has the keyboard. */
export function pageKey(session: Session, event: Keys): boolean {
  const command = event.ctrlKey || event.metaKey;
  if (event.key === "F8" && isPlain(event)) {
    nextProblem(session);
    return true;
  }
  if (!command) return false;
  if (event.key === "Enter" && event.altKey) stopRun(session);
  else if (event.key === "Enter") askToRun(session);
  else if (event.key.toLowerCase() === "s" && !event.shiftKey) publishSoon(session);
  else if (event.key.toLowerCase() === "k" && !event.shiftKey) openPalette(session);
  else return false;
  return true;
}

/** Everything that can be done, by name; a step that is added goes behind the selected one. */
export function openPalette(session: Session): void {
  const { selection, document } = session.state;
  const node = onlyNode(selection);
  const wirable = node !== null && document.nodes[node]?.type !== "end";
  session.store.set({
    connecting: null,
    choosing: {
      purpose: "command",
      at: null,
      after: wirable ? { node, kind: "ok" } : null,
      into: onlyEdge(selection),
    },
  });
}

function noteHere(session: Session): void {
  if (session.canEdit) addNote(session);
}

function travelKey(session: Session, event: Keys): boolean {
  const arrow = arrowOf(event);
  if (!arrow) return false;
  const { selection, document } = session.state;
  const direction = directionOf(event);
  if (direction) {
    const edge = onlyEdge(selection);
    const from =
      selection.focus?.kind === "node"
        ? selection.focus.id
        : (document.edges.find((each) => each.id === edge)?.from ?? null);
    const next = from
      ? neighbour(sceneOf(document).boxes, from, direction)
      : (document.entry[0] ?? Object.keys(document.nodes)[0] ?? null);
    if (next) session.goTo(next);
    return true;
  }
  if (event.altKey && event.shiftKey && (arrow === "left" || arrow === "right")) {
    selectStream(session, arrow === "right");
    return true;
  }
  return nudge(session, event, arrow);
}

const STEPS = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] } as const;

function nudge(session: Session, event: Keys, arrow: keyof typeof STEPS): boolean {
  if (event.altKey || event.shiftKey === (event.ctrlKey || event.metaKey)) return false;
  const { selection, document } = session.state;
  const by = event.shiftKey ? 8 : 1;
  const [dx, dy] = STEPS[arrow];
  const places = new Map<string, Point>();
  for (const id of selection.nodes) {
    const [x, y] = document.layout[id] ?? [0, 0];
    places.set(id, [x + dx * by, y + dy * by]);
  }
  session.edit(edits.move(places), `Moved ${arrow}`, `nudge ${[...selection.nodes].join()}`);
  return true;
}

/** Select all that comes before, or after, the selected nodes. */
function selectStream(session: Session, down: boolean): void {
  const { selection, document } = session.state;
  const found = new Set(selection.nodes);
  const open = [...found];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const edge of document.edges) {
      const [here, there] = down ? [edge.from, edge.to] : [edge.to, edge.from];
      if (here !== id || found.has(there)) continue;
      found.add(there);
      open.push(there);
    }
  }
  session.select(selectNodes(found, selection.focus?.id));
  session.say(`${found.size} steps selected`);
}

function modifiedKey(session: Session, event: Keys): boolean {
  const { key, shiftKey, altKey } = event;
  const command = event.ctrlKey || event.metaKey;
  const letter = key.toLowerCase();
  if (altKey && shiftKey && letter === "t") tidyUp(session);
  else if (shiftKey && !altKey && !command && letter === "s") noteHere(session);
  else if (!command || altKey) return false;
  else if (letter === "z") shiftKey ? session.redo() : session.undo();
  else if (letter === "y") session.redo();
  else if (letter === "a") selectAll(session);
  else if (letter === "d") duplicate(session);
  else if (letter === "f") session.store.set({ choosing: FIND });
  else if (key === "Delete" || key === "Backspace") deleteSelected(session, true);
  else return false;
  return true;
}

const FIND = { purpose: "find", at: null, after: null, into: null } as const;

function plainKey(session: Session, event: Keys): boolean {
  if (!isPlain(event)) return false;
  const { selection } = session.state;
  switch (event.key) {
    case "n":
    case "N":
      openChooser(session);
      return true;
    case "c":
    case "C":
      beginConnect(session);
      return true;
    case "d":
    case "D":
      switchSelected(session);
      return true;
    case "e":
    case "E":
      nextEdge(session);
      return true;
    case "/":
      session.store.set({ choosing: FIND });
      return true;
    case "?":
      session.store.set({ dialog: "keys" });
      return true;
    case "l":
    case "L":
      session.focusLog();
      return true;
    case ".":
      fitSelection(session);
      return true;
    case "Delete":
    case "Backspace":
      deleteSelected(session);
      return true;
    case "Enter":
      return open(session);
    case " ":
      return toggle(session);
    case "F2":
      if (onlyNode(selection)) session.focusField("title");
      return true;
    case "Escape":
      return leave(session);
    default:
      return false;
  }
}

function open(session: Session): boolean {
  const { selection } = session.state;
  const edge = onlyEdge(selection);
  if (edge) session.store.set({ edgeEditor: edge });
  else if (selection.focus?.kind === "node") {
    if (!selection.nodes.has(selection.focus.id)) session.select(selectNode(selection.focus.id));
    session.focusField("first");
  }
  return true;
}

function toggle(session: Session): boolean {
  const { focus } = session.state.selection;
  if (focus?.kind !== "node") return false;
  session.select(toggleNode(session.state.selection, focus.id));
  return true;
}

function leave(session: Session): boolean {
  const { selection, drawer, edgeEditor } = session.state;
  if (edgeEditor) session.store.set({ edgeEditor: null });
  else if (drawer) session.store.set({ drawer: null });
  else session.select({ ...NOTHING, focus: selection.focus });
  return true;
}

/** Switch the selected steps off; on again, if all of them are off. */
export function switchSelected(session: Session): void {
  const { nodes, focus } = session.state.selection;
  const ids = nodes.size || focus?.kind !== "node" ? nodes : new Set([focus.id]);
  if (ids.size === 0) return;
  const off = [...ids].some((id) => session.document.nodes[id]?.disabled !== true);
  const [first] = ids;
  const what = ids.size === 1 ? first : `${ids.size} steps`;
  session.edit(edits.switchOff(ids, off), `${what} switched ${off ? "off" : "on"}`);
}

export function tidyUp(session: Session): void {
  const done = session.edit(edits.tidy, "Tidied up");
  if (!done) session.say("Already tidy");
  session.camera?.fit(bounds(sceneOf(session.document).boxes.values()));
}

function fitSelection(session: Session): void {
  const { boxes } = sceneOf(session.document);
  const chosen = [...session.state.selection.nodes].flatMap((id) => boxes.get(id) ?? []);
  session.camera?.fit(bounds(chosen.length ? chosen : boxes.values()));
}
