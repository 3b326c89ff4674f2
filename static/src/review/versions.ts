import { parsePatch, undo } from "./patch";
import type { Pass } from "./report";

/** The texts of all files at one point of the review, by path. */
export type Texts = ReadonlyMap<string, string>;

/**
 * The texts before the first pass, after it, after the second, and so on: `passes.length` + 1 in
 * all. They are found by undoing the diffs from the end. From the pass whose diff is cut or does
 * not fit backwards there is no text, and null stands in its place.
 */
export function versionsOf(last: Texts, passes: readonly Pass[]): readonly (Texts | null)[] {
  const versions: (Texts | null)[] = [last];
  for (const pass of passes.toReversed()) {
    const after = versions[0] ?? null;
    versions.unshift(after && !pass.cut ? before(after, pass.diff) : null);
  }
  return versions;
}

function before(after: Texts, diff: string): Texts | null {
  const texts = new Map(after);
  for (const patch of parsePatch(diff)) {
    const text = texts.get(patch.path);
    const undone = text === undefined ? null : undo(text, patch);
    if (undone === null) return null;
    texts.set(patch.path, undone);
  }
  return texts;
}

/** The paths whose text differs between two points, in order. */
export function changedPaths(before: Texts, after: Texts): string[] {
  return [...after.keys()].filter((path) => before.get(path) !== after.get(path)).sort();
}

/** The sources in the state of a review, by path. */
export function sourcesOf(state: Readonly<Record<string, unknown>>): Texts {
  const sources = Array.isArray(state.sources) ? state.sources : [];
  return new Map(
    sources.flatMap((each: { path?: unknown; text?: unknown } | null) =>
      typeof each?.path === "string" && typeof each.text === "string"
        ? [[each.path, each.text] as const]
        : [],
    ),
  );
}
