/** Everything a person can do in the editor, by name: what the command palette offers. */
import { LINES, type Line } from "../model/align";
import { hasNodes } from "../model/document";
import { bounds } from "../model/geometry";
import { onlyNode } from "../model/selection";
import { shownOf } from "../model/shown";
import { t } from "../words/t";
import { openChooser } from "./adding";
import { align, distribute, selectStream } from "./arranging";
import { askToExtract, expandHere } from "./asking";
import { deleteSelected, duplicate, selectAll } from "./clipping";
import { beginConnect } from "./connecting";
import { downloadDocument, downloadPicture } from "./downloads";
import { groupHere, groupSelected, toggleGroup, ungroupSelected } from "./grouping";
import { showHints } from "./hints/showing";
import { openImport } from "./importing";
import { switchSelected, tidyUp } from "./keys";
import { addNote } from "./noting";
import { toggleOutline } from "./outline/toggle";
import { beginRename } from "./renaming";
import { RUN_COMMANDS } from "./run/runCommands";
import { publishSoon } from "./running";
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
const filled = (session: Session) => hasNodes(session.document);

const runsWorkflow = (session: Session) =>
  session.document.nodes[onlyNode(session.state.selection) ?? ""]?.type === "subgraph";
const several = (session: Session) => session.state.selection.nodes.size > 1;

const ALIGN: Readonly<Record<Line, string>> = {
  left: t("Align: left"),
  centre: t("Align: centre"),
  right: t("Align: right"),
  top: t("Align: top"),
  middle: t("Align: middle"),
  bottom: t("Align: bottom"),
};
const GAPS = { across: t("Equal gaps across"), down: t("Equal gaps down") } as const;

const ALIGNING: readonly EditorCommand[] = [
  ...LINES.map((line) => ({
    id: `align-${line}`,
    title: ALIGN[line],
    keys: "",
    edits: true,
    fits: several,
    run: (session: Session) => align(session, line),
  })),
  ...(["across", "down"] as const).map((axis) => ({
    id: `distribute-${axis}`,
    title: GAPS[axis],
    keys: "",
    also: "distribute align",
    edits: true,
    fits: (session: Session) => session.state.selection.nodes.size > 2,
    run: (session: Session) => distribute(session, axis),
  })),
];

const COMMANDS: readonly EditorCommand[] = [
  ...RUN_COMMANDS,
  {
    id: "publish",
    title: t("Publish a version"),
    keys: "Ctrl+S",
    also: "save release",
    edits: true,
    fits: filled,
    run: publishSoon,
  },
  {
    id: "add",
    title: t("Add a step"),
    keys: "N",
    also: "new node",
    edits: true,
    run: (session) => openChooser(session),
  },
  {
    id: "note",
    title: t("Add a sticky note"),
    keys: "Shift+S",
    also: "comment",
    edits: true,
    run: addNote,
  },
  {
    id: "connect",
    title: t("Connect the step"),
    keys: "C",
    edits: true,
    fits: one,
    run: beginConnect,
  },
  {
    id: "off",
    title: t("Switch steps off or on"),
    keys: "D",
    also: "disable enable bypass",
    edits: true,
    fits: some,
    run: switchSelected,
  },
  {
    id: "rename",
    title: t("Rename the step"),
    keys: "F2",
    edits: true,
    fits: one,
    run: beginRename,
  },
  {
    id: "duplicate",
    title: t("Duplicate the selection"),
    keys: "Ctrl+D",
    also: "copy",
    edits: true,
    fits: some,
    run: duplicate,
  },
  {
    id: "delete",
    title: t("Delete the selection"),
    keys: "Delete",
    also: "remove",
    edits: true,
    fits: some,
    run: (session) => deleteSelected(session),
  },
  { id: "undo", title: t("Undo"), keys: "Ctrl+Z", edits: true, run: (session) => session.undo() },
  {
    id: "redo",
    title: t("Redo"),
    keys: "Ctrl+Shift+Z",
    edits: true,
    run: (session) => session.redo(),
  },
  {
    id: "tidy",
    title: t("Tidy up"),
    keys: "Shift+Alt+T",
    also: "layout arrange",
    edits: true,
    fits: filled,
    run: tidyUp,
  },
  {
    id: "group",
    title: t("Group the selected steps"),
    keys: "Ctrl+G",
    also: "frame",
    edits: true,
    fits: some,
    run: groupSelected,
  },
  {
    id: "ungroup",
    title: t("Ungroup, or take steps out of their group"),
    keys: "Ctrl+Shift+G",
    edits: true,
    fits: (session) => groupHere(session) !== null,
    run: ungroupSelected,
  },
  {
    id: "close-group",
    title: t("Close the group to one box, or open it"),
    keys: "Enter",
    also: "collapse expand fold",
    edits: true,
    fits: (session) => groupHere(session) !== null,
    run: (session) => toggleGroup(session),
  },
  {
    id: "extract",
    title: t("Make a workflow of the selected steps"),
    keys: "Alt+X",
    also: "extract sub-workflow subgraph",
    edits: true,
    fits: some,
    run: askToExtract,
  },
  {
    id: "expand",
    title: t("Put the workflow's steps in its place"),
    keys: "",
    also: "expand inline sub-workflow subgraph",
    edits: true,
    fits: runsWorkflow,
    run: expandHere,
  },
  {
    id: "before",
    title: t("Select all steps before"),
    keys: "Shift+Alt+←",
    also: "upstream",
    fits: some,
    run: (session) => selectStream(session, false),
  },
  {
    id: "after",
    title: t("Select all steps after"),
    keys: "Shift+Alt+→",
    also: "downstream",
    fits: some,
    run: (session) => selectStream(session, true),
  },
  ...ALIGNING,
  { id: "all", title: t("Select all"), keys: "Ctrl+A", fits: filled, run: selectAll },
  {
    id: "fit",
    title: t("Show the whole workflow"),
    keys: "1",
    also: "zoom fit",
    fits: filled,
    run: (session) => session.camera?.fit(bounds(shownOf(session.document).boxes.values())),
  },
  {
    id: "zoom",
    title: t("Zoom to 100 %"),
    keys: "0",
    run: (session) => session.camera?.zoomTo(1),
  },
  {
    id: "outline",
    title: t("Show the outline, or the canvas"),
    keys: "Alt+O",
    also: "tree list screen reader",
    run: toggleOutline,
  },
  {
    id: "problems",
    title: t("Show the problems"),
    keys: "",
    also: "errors warnings lint",
    run: (session) => session.store.set({ showProblems: true }),
  },
  { id: "next-problem", title: t("Go to the next problem"), keys: "F8", run: nextProblem },
  {
    id: "json",
    title: t("Download the draft as JSON"),
    keys: "",
    also: "export save file",
    fits: filled,
    run: (session) => void downloadDocument(session),
  },
  {
    id: "yaml",
    title: t("Download the draft as YAML"),
    keys: "",
    also: "export save file",
    fits: filled,
    run: (session) => void downloadDocument(session, "yaml"),
  },
  {
    id: "import",
    title: t("Import a document"),
    keys: "",
    also: "open load file json yaml paste",
    run: (session) => openImport(session),
  },
  {
    id: "svg",
    title: t("Download a picture (SVG)"),
    keys: "",
    also: "export image png",
    fits: filled,
    run: downloadPicture,
  },
  {
    id: "hints",
    title: t("Show the first hints"),
    keys: "",
    also: "help tour start",
    edits: true,
    fits: ({ state }) => !state.hints,
    run: showHints,
  },
  {
    id: "keys",
    title: t("Show all keys"),
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
    { title: t("All workflows"), href: workflows },
    { title: t("Versions of this workflow"), href: `${here}/versions` },
    { title: t("What changed since the last version"), href: `${here}/versions/compare` },
    { title: t("Triggers of this workflow"), href: `/triggers/?workflow=${id}` },
  ];
}
