/** Keys as the keyboards of the page's language have them: `Ctrl+G`, in German `Strg+G`. */
import { tp } from "../words/t";

const NAMES: Readonly<Record<string, string>> = {
  Ctrl: tp("key", "Ctrl"),
  Shift: tp("key", "Shift"),
  Enter: tp("key", "Enter"),
  Delete: tp("key", "Delete"),
  Space: tp("key", "Space"),
};

export const keyNames = (keys: string): string =>
  keys.replace(/[A-Z][a-z]+/g, (name) => NAMES[name] ?? name);
