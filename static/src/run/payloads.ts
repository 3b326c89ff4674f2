/** Readers of what journal events carry in `data`. A part that is missing or odd gives a default. */
type Raw = Readonly<Record<string, unknown>>;

/** What happened to one edge when its node finished. */
export interface Decision {
  readonly edge: string;
  readonly taken: boolean;
  /** The condition as written, when the edge has one. */
  readonly when: string | null;
  /** What the names in the condition stood for. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly reason: string | null;
}

/** One write of a step: `set`, `red` (through a reducer), `over` or `del`. */
export interface Op {
  readonly op: string;
  readonly key: string;
  readonly value: unknown;
  /** The value is large and kept apart; the state after the step has it. */
  readonly apart: boolean;
}

export interface RunError {
  readonly code: string;
  readonly message: string;
  readonly node: string | null;
  readonly edge: string | null;
  readonly details: Raw;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function readText(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

export function readNumber(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Whether a lost attempt may have acted, so that a person has to say what became of it. */
export function isUnknown(data: Raw): boolean {
  return isRecord(data.error) && data.error.code === "E_OUTCOME_UNKNOWN";
}

/** The decisions of a finished step, in the order of the document's edges. */
export function readDecisions(data: Raw): readonly Decision[] {
  if (!Array.isArray(data.edges)) return [];
  return data.edges.flatMap((raw: unknown) => {
    if (!isRecord(raw) || typeof raw.edge !== "string") return [];
    const values = isRecord(raw.values) ? raw.values : {};
    const when = readText(raw.when);
    return [
      { edge: raw.edge, taken: raw.taken === true, when, values, reason: readText(raw.reason) },
    ];
  });
}

/** The writes of a step: `["set" | "red" | "over", key, value]` or `["del", key]`. */
export function readOps(data: Raw): readonly Op[] {
  if (!Array.isArray(data.ops)) return [];
  const apart = placesApart(data);
  return data.ops.flatMap((raw: unknown, index): Op[] => {
    if (!Array.isArray(raw) || typeof raw[0] !== "string" || typeof raw[1] !== "string") return [];
    return [{ op: raw[0], key: raw[1], value: raw[2], apart: apart.has(index) }];
  });
}

/** Which writes have their value kept apart: `$blobs` holds paths such as `["ops", 0, 2]`. */
function placesApart(data: Raw): ReadonlySet<unknown> {
  const references: unknown[] = Array.isArray(data.$blobs) ? data.$blobs : [];
  const paths = references.map((each) => (isRecord(each) ? each.path : null));
  return new Set(paths.map((path) => (Array.isArray(path) && path[0] === "ops" ? path[1] : null)));
}

/** An error as the engine words it, or null. */
export function readError(raw: unknown): RunError | null {
  if (typeof raw === "string" && raw) return errorOf("E_TOOL", raw, {});
  if (!isRecord(raw)) return null;
  const code = readText(raw.code) ?? readText(raw.type) ?? "E_TOOL";
  return errorOf(code, readText(raw.message) ?? code, raw);
}

function errorOf(code: string, message: string, raw: Raw): RunError {
  const details = isRecord(raw.details) ? raw.details : {};
  return { code, message, node: readText(raw.node), edge: readText(raw.edge), details };
}
