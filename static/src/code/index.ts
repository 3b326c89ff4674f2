/** Entry of the lazy file `code.js`; its shape is `CodeModule` in contract.ts. */
import type { CodeModule } from "./contract";
import { createDiff as diff } from "./createDiff";
import { createEditor as editor } from "./createEditor";

export const createDiff: CodeModule["createDiff"] = diff;
export const createEditor: CodeModule["createEditor"] = editor;
