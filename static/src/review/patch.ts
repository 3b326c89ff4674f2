/** One stretch of a unified diff: the lines it removes and adds, with the ones around them. */
interface Hunk {
  /** First line it covers in the later text, from 1; 0 when it covers none. */
  readonly newStart: number;
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
}

/** The diff of one file. */
export interface FilePatch {
  readonly path: string;
  readonly hunks: readonly Hunk[];
}

const HUNK = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** Read a unified diff of any number of files. Text before the first file is left out. */
export function parsePatch(diff: string): FilePatch[] {
  const lines = diff.split("\n");
  const files: { path: string; hunks: Hunk[] }[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    if (line.startsWith("--- ") && lines[at + 1]?.startsWith("+++ ")) {
      files.push({ path: pathOf(lines[at + 1] ?? ""), hunks: [] });
      at += 2;
      continue;
    }
    const head = HUNK.exec(line);
    const file = files.at(-1);
    if (!head || !file) {
      at += 1;
      continue;
    }
    const counts = { old: Number(head[1] ?? 1), new: Number(head[3] ?? 1) };
    const { hunk, end } = readHunk(lines, at + 1, Number(head[2]), counts);
    file.hunks.push(hunk);
    at = end;
  }
  return files;
}

/** Lines keep their line ends, so that a missing one at the end of a file is told apart. */
function readHunk(
  lines: readonly string[],
  start: number,
  newStart: number,
  counts: { readonly old: number; readonly new: number },
) {
  const oldLines: string[] = [];
  const newLines: string[] = [];
  let at = start;
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line.startsWith("\\")) continue;
    if (oldLines.length >= counts.old && newLines.length >= counts.new) break;
    const text = lines[at + 1]?.startsWith("\\") ? line.slice(1) : `${line.slice(1)}\n`;
    if (line[0] !== "+") oldLines.push(text);
    if (line[0] !== "-") newLines.push(text);
  }
  return { hunk: { newStart, oldLines, newLines }, end: at };
}

function pathOf(line: string): string {
  const name = line.slice(4).split("\t")[0] ?? "";
  return name.startsWith("b/") ? name.slice(2) : name;
}

/** The text before a patch was applied, or null when the patch does not belong to this text. */
export function undo(text: string, patch: FilePatch): string | null {
  const lines = splitKeepingEnds(text);
  const before: string[] = [];
  let at = 0;
  for (const hunk of patch.hunks) {
    const from = hunk.newLines.length === 0 ? hunk.newStart : hunk.newStart - 1;
    const to = from + hunk.newLines.length;
    if (from < at || to > lines.length) return null;
    if (hunk.newLines.some((line, index) => line !== lines[from + index])) return null;
    before.push(...lines.slice(at, from), ...hunk.oldLines);
    at = to;
  }
  return [...before, ...lines.slice(at)].join("");
}

function splitKeepingEnds(text: string): string[] {
  const lines = text.split("\n").map((line) => `${line}\n`);
  const last = (lines.pop() ?? "").slice(0, -1);
  return last === "" ? lines : [...lines, last];
}
