import { tp } from "../words/t";

/** Where a run began, in one word, as the server's pages call it too. */
const SOURCES: Readonly<Record<string, string>> = {
  api: tp("where a run began", "api"),
  command: tp("where a run began", "command"),
  child: tp("where a run began", "child"),
  editor: tp("where a run began", "editor"),
  fork: tp("where a run began", "fork"),
  page: tp("where a run began", "page"),
  review: tp("where a run began", "review"),
  schedule: tp("where a run began", "schedule"),
  webhook: tp("where a run began", "webhook"),
  workflow: tp("where a run began", "workflow"),
};

export function sourceWord(source: string): string {
  return SOURCES[source] ?? source;
}
