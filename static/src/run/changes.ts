import { isRecord } from "./payloads";

/** One place where two states differ. */
export interface Change {
  /** Keys and indexes from the top, for example `["review", "comments", 3]`. */
  readonly path: readonly (string | number)[];
  readonly kind: "added" | "removed" | "changed";
  readonly before: unknown;
  readonly after: unknown;
}

/** Deeper differences are told as one change of the value at this depth. */
const DEPTH = 4;
/** More changes than this inside one value are told as one change of that value. */
const CROWD = 40;

/** What changed from one state to the next, in the order of the keys of the later one. */
export function changesBetween(before: unknown, after: unknown): readonly Change[] {
  return compare([], before, after, DEPTH);
}

function compare(
  path: Change["path"],
  before: unknown,
  after: unknown,
  depth: number,
): readonly Change[] {
  if (same(before, after)) return [];
  const inside = depth > 0 ? insideChanges(path, before, after, depth) : null;
  if (inside && (path.length === 0 || inside.length <= CROWD)) return inside;
  return [{ path, kind: "changed", before, after }];
}

function insideChanges(
  path: Change["path"],
  before: unknown,
  after: unknown,
  depth: number,
): readonly Change[] | null {
  if (isRecord(before) && isRecord(after)) return recordChanges(path, before, after, depth);
  if (Array.isArray(before) && Array.isArray(after)) return listChanges(path, before, after, depth);
  return null;
}

function recordChanges(
  path: Change["path"],
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  depth: number,
): readonly Change[] {
  const kept = Object.keys(after).flatMap((key): readonly Change[] => {
    const at = [...path, key];
    if (!Object.hasOwn(before, key)) {
      return [{ path: at, kind: "added", before: undefined, after: after[key] }];
    }
    return compare(at, before[key], after[key], depth - 1);
  });
  const gone = Object.keys(before)
    .filter((key) => !Object.hasOwn(after, key))
    .map(
      (key): Change => ({
        path: [...path, key],
        kind: "removed",
        before: before[key],
        after: undefined,
      }),
    );
  return [...kept, ...gone];
}

/** Lists are compared place by place; what was appended shows as added. */
function listChanges(
  path: Change["path"],
  before: readonly unknown[],
  after: readonly unknown[],
  depth: number,
): readonly Change[] {
  const longest = Math.max(before.length, after.length);
  const found: Change[] = [];
  for (let index = 0; index < longest && found.length <= CROWD; index += 1) {
    const at = [...path, index];
    if (index >= before.length) {
      found.push({ path: at, kind: "added", before: undefined, after: after[index] });
    } else if (index >= after.length) {
      found.push({ path: at, kind: "removed", before: before[index], after: undefined });
    } else {
      found.push(...compare(at, before[index], after[index], depth - 1));
    }
  }
  return found;
}

/** Equal as JSON. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
  );
}

/** A path as it is written in an expression: `review.comments[3]`. */
export function pathText(path: Change["path"]): string {
  return path
    .map((step, index) =>
      typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`,
    )
    .join("");
}
