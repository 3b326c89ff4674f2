import "@xyflow/react/dist/base.css";
import "./styles/canvas.css";
import "./styles/editor.css";
import { mountEditor } from "./editor";
import { type Mount, mountIslands } from "./islands";

const islands: Record<string, Mount> = { editor: mountEditor };

mountIslands(document, islands);
