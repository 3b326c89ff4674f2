import "@xyflow/react/dist/base.css";
import "../styles/canvas.css";
import "../styles/frames.css";
import "../styles/notes.css";
import "../styles/editor.css";
import { mountEditor } from "../editor";
import { mountIsland } from "../islands";

mountIsland(document, "editor", mountEditor);
