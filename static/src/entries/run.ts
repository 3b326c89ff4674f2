import "@xyflow/react/dist/base.css";
import "../styles/canvas.css";
import "../styles/frames.css";
import "../styles/notes.css";
import "../styles/changes.css";
import { mountCompare } from "../compare/mountCompare";
import { mountIsland } from "../islands";
import { mountRun } from "../run/mountRun";

mountIsland(document, "run", mountRun);
mountIsland(document, "compare", mountCompare);
