/** Every key of the editor's canvas. Letters act only while the canvas has the keyboard. */
import type { PointerTool } from "../canvas/gestures";
import { arrowOf, cameraKey, directionOf, isLetter, isPlain, type Keys } from "../canvas/keys";
import { preferences } from "../canvas/preferences";
import type { Point } from "../model/document";
import * as edits from "../model/edits";
import { bounds } from "../model/geometry";
import { groupsOf } from "../model/groups";
import { neighbour } from "../model/hit";
import { NOTHING, onlyEdge, onlyNode, selectNode, toggleNode } from "../model/selection";
import { groupOfMark, shownOf, standFor } from "../model/shown";
import { t, tn } from "../words/t";
import { openChooser } from "./adding";
import { selectStream } from "./arranging";
import { askToExtract } from "./asking";
import { deleteSelected, duplicate, keepLinksNext, selectAll } from "./clipping";
import { beginConnect, connectKey, nextEdge } from "./connecting";
import { goToGroup, groupSelected, toggleGroup, ungroupSelected } from "./grouping";
import { loadLater } from "./LaterPart";
import { toggleTab } from "./lookback/tabs";
import { addNote } from "./noting";
import { toggleOutline } from "./outline/toggle";
import { beginRename } from "./renaming";
import { runKey } from "./run/runKeys";
import { askToRun, publishSoon, stopRun } from "./running";
import type { Session } from "./session";
import { nextProblem } from "./troubles";

/** Do what a key means on the canvas. True when it meant something. */
export function canvasKey(session: Session, event: Keys): boolean {
  if (connectKey(session, event.key, arrowOf(event))) return true;
  return (
    runKey(session, event) ||
    travelKey(session, event) ||
    modifiedKey(session, event) ||
    plainKey(session, event) ||
    cameraKey(event, session.camera, bounds(shownOf(session.document).boxes.values()))
  );
}

/** Keys that work anywhere on the page, also while a field has the keyboard. */
export function pageKey(session: Session, event: Keys): boolean {
  const command = event.ctrlKey || event.metaKey;
  if (event.key === "F8" && isPlain(event)) {
    nextProblem(session);
    return true;
  }
  // With Option, a Mac types another letter.
  if (event.altKey && !command && /^[oøØ]$/i.test(event.key)) {
    toggleOutline(session);
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

/** Undo and redo work all over the editor, but for fields, which take back what was typed. */
export function historyKey(session: Session, event: Keys): boolean {
  if ((!event.ctrlKey && !event.metaKey) || event.altKey) return false;
  const letter = event.key.toLowerCase();
  if (letter === "z") event.shiftKey ? session.redo() : session.undo();
  else if (letter === "y" && !event.shiftKey) session.redo();
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
  if (session.mayEdit()) addNote(session);
}

function travelKey(session: Session, event: Keys): boolean {
  const arrow = arrowOf(event);
  if (!arrow) return false;
  const { selection, document } = session.state;
  const direction = directionOf(event);
  if (direction) {
    const edge = onlyEdge(selection);
    const { boxes } = shownOf(document);
    const held = selection.focus?.kind === "edge" ? undefined : selection.focus?.id;
    const group =
      selection.focus?.kind === "group" ? groupsOf(document).get(held ?? "") : undefined;
    const start = group ? group.nodes[0] : held;
    const from = start ?? document.edges.find((each) => each.id === edge)?.from ?? null;
    const next = from
      ? neighbour(boxes, standFor(document, from), direction)
      : (document.entry[0] ?? Object.keys(document.nodes)[0] ?? null);
    const box = next && groupOfMark(next);
    if (box) goToGroup(session, box);
    else if (next) session.goTo(next);
    return true;
  }
  if (event.altKey && event.shiftKey && (arrow === "left" || arrow === "right")) {
    selectStream(session, arrow === "right");
    return true;
  }
  return nudge(session, event, arrow);
}

const MOVED = {
  left: t("Moved left"),
  right: t("Moved right"),
  up: t("Moved up"),
  down: t("Moved down"),
} as const;
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
  session.edit(edits.move(places), MOVED[arrow], `nudge ${[...selection.nodes].join()}`);
  return true;
}

function modifiedKey(session: Session, event: Keys): boolean {
  const { key, shiftKey, altKey } = event;
  const command = event.ctrlKey || event.metaKey;
  const letter = key.toLowerCase();
  if (altKey && shiftKey && letter === "t") tidyUp(session);
  else if (altKey && !shiftKey && !command && letter === "x") askToExtract(session);
  else if (shiftKey && !altKey && !command && letter === "s") noteHere(session);
  else if (!command || altKey) return false;
  else if (letter === "a") selectAll(session);
  else if (letter === "d") duplicate(session);
  else if (letter === "g") shiftKey ? ungroupSelected(session) : groupSelected(session);
  else if (letter === "v" && shiftKey) return keepLinksNext(session);
  else if (letter === "f") session.store.set({ choosing: FIND });
  else if (key === "Delete" || key === "Backspace") deleteSelected(session, true);
  else return false;
  return true;
}

const FIND = { purpose: "find", at: null, after: null, into: null } as const;

function plainKey(session: Session, event: Keys): boolean {
  if (!isPlain(event)) return false;
  // The sheet of all keys stays within reach: there the letters are switched on again.
  if (isLetter(event) && event.key !== "?" && !preferences().letters) return false;
  switch (isLetter(event) ? event.key.toLowerCase() : event.key) {
    case "n":
      openChooser(session);
      return true;
    case "c":
      beginConnect(session);
      return true;
    case "d":
      switchSelected(session);
      return true;
    case "e":
      nextEdge(session);
      return true;
    case "i":
      toggleTab(session, "input");
      return true;
    case "o":
      toggleTab(session, "output");
      return true;
    case "/":
      session.store.set({ choosing: FIND });
      return true;
    case "?":
      session.store.set({ dialog: "keys" });
      return true;
    case "l":
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
    case "h":
      chooseTool(session, "hand");
      return true;
    case "v":
      chooseTool(session, "select");
      return true;
    case "F2":
      beginRename(session);
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
  else if (selection.focus?.kind === "group") toggleGroup(session);
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
  session.edit(edits.switchOff(ids, off), switchedWords(ids, off));
}

function switchedWords(ids: ReadonlySet<string>, off: boolean): string {
  const [step = ""] = ids;
  const { size } = ids;
  if (size === 1)
    return off ? t("{step} switched off", { step }) : t("{step} switched on", { step });
  return off
    ? tn("{count} step switched off", "{count} steps switched off", size)
    : tn("{count} step switched on", "{count} steps switched on", size);
}

/** More steps than these are laid out beside the page. */
const LARGE = 300;

export function tidyUp(session: Session): void {
  if (!session.mayEdit()) return;
  if (Object.keys(session.document.nodes).length <= LARGE) {
    showTidied(session, session.edit(edits.tidy, t("Tidied up")));
  } else {
    loadLater().then(
      ({ tidyLarge }) => tidyLarge(session),
      () => showTidied(session, session.edit(edits.tidy, t("Tidied up"))),
    );
  }
}

/** @param done whether anything changed its place */
export function showTidied(session: Session, done: boolean): void {
  if (!done) session.say(t("Already tidy"));
  session.camera?.fit(bounds(shownOf(session.document).boxes.values()));
}

/** What a drag on the empty canvas does from now on. */
export function chooseTool(session: Session, tool: PointerTool): void {
  session.store.set({ tool });
  session.say(tool === "hand" ? t("A drag moves the paper") : t("A drag selects steps"));
}

function fitSelection(session: Session): void {
  const { boxes } = shownOf(session.document);
  const chosen = [...session.state.selection.nodes].flatMap((id) => session.boxOf(id) ?? []);
  session.camera?.fit(bounds(chosen.length ? chosen : boxes.values()));
}
