import { tp } from "../words/t";
import type { Change } from "./elements";

/** How a change is told by shape, beside its colour. */
export const CHANGE_SIGN: Readonly<Record<Change, string>> = {
  added: "+",
  removed: "−",
  changed: "~",
};

const WORDS: Readonly<Record<Change, string>> = {
  added: tp("change", "added"),
  removed: tp("change", "removed"),
  changed: tp("change", "changed"),
};

/** The same for who hears it. */
export const changeWord = (change: Change): string => WORDS[change];
