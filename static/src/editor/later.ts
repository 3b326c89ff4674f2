/**
 * What the first screen of the editor does without: one file of its own, loaded when the browser
 * is idle. To add a component, export it here, and show it as `<Later part="Thing" />`.
 */
export { StickyNotes } from "../canvas/StickyNotes";
export { AddressKeeper } from "./AddressKeeper";
export { Chooser } from "./Chooser";
export { ConflictDialog } from "./ConflictDialog";
export { ConnectBar } from "./ConnectBar";
export { DraftNote } from "./DraftNote";
export { DropVeil } from "./DropVeil";
export { EdgeEditor } from "./EdgeEditor";
export { EdgeForm } from "./EdgeForm";
export { EmptyStage } from "./EmptyStage";
export { ExtractDialog } from "./ExtractDialog";
export { expandSelected } from "./extracting";
export { follow } from "./following";
export { Hints } from "./hints/Hints";
export { ImportDialog } from "./ImportDialog";
export { ManyForm } from "./ManyForm";
export { NodePanel } from "./NodePanel";
export { Outline } from "./outline/Outline";
export { People } from "./People";
export { ProblemsPanel } from "./Problems";
export { PublishDialog } from "./PublishDialog";
export { ReadOnly } from "./ReadOnly";
export { RenameBox } from "./RenameBox";
export { RunDialog } from "./RunDialog";
export { RunDrawer } from "./RunDrawer";
export { pinLastOutput } from "./run/pinLast";
export { SaveBanners } from "./SaveBanners";
export { SelectionBar } from "./SelectionBar";
export { ShortcutSheet } from "./ShortcutSheet";
export { StepMenu } from "./StepMenu";
export { tidyLarge } from "./tidying";
export { WorkflowForm } from "./WorkflowForm";
