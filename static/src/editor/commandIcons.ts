import type { IconName } from "../canvas/icons";

/** Commands by what they are about; those that are not named here have the icon of a command. */
const ICONS: Readonly<Record<string, IconName>> = {
  run: "run",
  "run-only": "run",
  "run-to": "run",
  "run-from": "run",
  stop: "stop",
  pin: "data",
  unpin: "data",
  publish: "check",
  add: "tool",
  note: "text",
  connect: "wire",
  off: "off",
  rename: "text",
  duplicate: "each",
  delete: "trash",
  undo: "undo",
  redo: "redo",
  tidy: "tidy",
  group: "group",
  ungroup: "group",
  "close-group": "group",
  extract: "subgraph",
  expand: "expand",
  before: "chevronRight",
  after: "chevronRight",
  all: "fit",
  fit: "fit",
  zoom: "search",
  outline: "outline",
  problems: "warning",
  "next-problem": "warning",
  json: "code",
  yaml: "code",
  import: "arrowUp",
  svg: "map",
  hints: "info",
  keys: "keyboard",
};

export function commandIcon(id: string): IconName {
  return (
    ICONS[id] ?? (id.startsWith("align-") || id.startsWith("distribute-") ? "tidy" : "command")
  );
}
