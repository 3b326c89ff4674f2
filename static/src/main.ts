import "@xyflow/react/dist/base.css";
import "./styles/canvas.css";
import "./styles/notes.css";
import "./styles/editor.css";
import { mountEditor } from "./editor";
import { type Mount, mountIslands } from "./islands";
import { mountReview } from "./review/mountReview";
import { mountRun } from "./run/mountRun";

const islands: Record<string, Mount> = { editor: mountEditor, run: mountRun, review: mountReview };

mountIslands(document, islands);
