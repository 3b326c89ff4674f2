/** Everything a person can do in the editor, by name: what the command palette offers. */
import { bounds, sceneOf } from "../model/geometry";
import { onlyNode } from "../model/selection";
import { openChooser } from "./adding";
import { deleteSelected, duplicate, selectAll } from "./clipping";
import { beginConnect } from "./connecting";
import { downloadDocument, downloadPicture } from "./downloads";
import { switchSelected, tidyUp } from "./keys";
import { addNote } from "./noting";
import { askToRun, publishSoon, stopRun } from "./running";
import type { Session } from "./session";
import { nextProblem } from "./troubles";

export interface EditorCommand {
  readonly id: string;
  readonly title: string;
  /** The keys that do the same, as the shortcut sheet writes them. */
  readonly keys: string;
  /** Other words by which it is found. */
  readonly also?: string;
  readonly edits?: boolean;
  /** False where it would do nothing now. */
  readonly fits?: (session: Session) => boolean;
  readonly run: (session: Session) => void;
}

const some = (session: Session) => session.state.selection.nodes.size > 0;
const one = (session: Session) => onlyNode(session.state.selection) !== null;
const filled = (session: Session) => Object.keys(session.document.nodes).length > 0;
const runs = (session: Session) => session.state.run !== null;

const COMMANDS: readonly EditorCommand[] = [
  { id: "run", title: "Run the draft", keys: "Ctrl+Enter", fits: filled, run: askToRun },
  { id: "stop", title: "Stop the run", keys: "Ctrl+Alt+Enter", fits: runs, run: stopRun },
  {
    id: "publish",
    title: "Publish a version",
    keys: "Ctrl+S",
    also: "save release",
    edits: true,
    fits: filled,
    run: publishSoon,
  },
  {
    id: "add",
    title: "Add a step",
    keys: "N",
    also: "new node",
    edits: true,
    run: (session) => openChooser(session),
  },
  {
    id: "note",
    title: "Add a sticky note",
    keys: "Shift+S",
    also: "comment",
    edits: true,
    run: addNote,
  },
  {
    id: "connect",
    title: "Connect the step",
    keys: "C",
    edits: true,
    fits: one,
    run: beginConnect,
  },
  {
    id: "off",
    title: "Switch steps off or on",
    keys: "D",
    also: "disable enable bypass",
    edits: true,
    fits: some,
    run: switchSelected,
  },
  {
    id: "rename",
    title: "Rename the step",
    keys: "F2",
    edits: true,
    fits: one,
    run: (session) => session.focusField("title"),
  },
  {
    id: "duplicate",
    title: "Duplicate the selection",
    keys: "Ctrl+D",
    also: "copy",
    edits: true,
    fits: some,
    run: duplicate,
  },
  {
    id: "delete",
    title: "Delete the selection",
    keys: "Delete",
    also: "remove",
    edits: true,
    fits: some,
    run: (session) => deleteSelected(session),
  },
  { id: "undo", title: "Undo", keys: "Ctrl+Z", edits: true, run: (session) => session.undo() },
  {
    id: "redo",
    title: "Redo",
    keys: "Ctrl+Shift+Z",
    edits: true,
    run: (session) => session.redo(),
  },
  {
    id: "tidy",
    title: "Tidy up",
    keys: "Shift+Alt+T",
    also: "layout arrange",
    edits: true,
    fits: filled,
    run: tidyUp,
  },
  { id: "all", title: "Select all", keys: "Ctrl+A", fits: filled, run: selectAll },
  {
    id: "fit",
    title: "Show the whole workflow",
    keys: "1",
    also: "zoom fit",
    fits: filled,
    run: (session) => session.camera?.fit(bounds(sceneOf(session.document).boxes.values())),
  },
  {
    id: "zoom",
    title: "Zoom to 100 %",
    keys: "0",
    run: (session) => session.camera?.zoomTo(1),
  },
  {
    id: "problems",
    title: "Show the problems",
    keys: "",
    also: "errors warnings lint",
    run: (session) => session.store.set({ showProblems: true }),
  },
  { id: "next-problem", title: "Go to the next problem", keys: "F8", run: nextProblem },
  {
    id: "json",
    title: "Download the draft as JSON",
    keys: "",
    also: "export save file",
    fits: filled,
    run: downloadDocument,
  },
  {
    id: "svg",
    title: "Download a picture (SVG)",
    keys: "",
    also: "export image png",
    fits: filled,
    run: downloadPicture,
  },
  {
    id: "keys",
    title: "Show all keys",
    keys: "?",
    also: "shortcuts help",
    run: (session) => session.store.set({ dialog: "keys" }),
  },
];

/** The commands that would do something now. */
export function commandsOf(session: Session): readonly EditorCommand[] {
  return COMMANDS.filter(
    (command) => (session.canEdit || !command.edits) && (command.fits?.(session) ?? true),
  );
}

/** Places in the studio that the palette leads to. */
export function placesOf(session: Session): readonly { title: string; href: string }[] {
  const { workflows } = session.boot.urls;
  const { id } = session.boot.workflow;
  const here = `${workflows}${id}`;
  return [
    { title: "All workflows", href: workflows },
    { title: "Versions of this workflow", href: `${here}/versions` },
    { title: "Triggers of this workflow", href: `/triggers/?workflow=${id}` },
  ];
}
