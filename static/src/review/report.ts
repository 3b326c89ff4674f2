import { t } from "../words/t";
/** The review report as the API gives it, read so that a missing part counts as empty. */
export interface Finding {
  readonly id: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  readonly name: string;
  readonly category: string;
  readonly severity: string;
  readonly message: string;
  /** Points of the score this finding costs. */
  readonly points: number;
  readonly url: string | null;
  readonly function: string | null;
  /** Who can fix it: the loop (`auto`), a person who agrees (`unsafe`, `display`), or by hand. */
  readonly fix: string;
  readonly suppressed: boolean;
}

export interface FunctionRow {
  readonly path: string;
  readonly name: string;
  readonly line: number;
  readonly cyclomatic: number;
  readonly cognitive: number;
  readonly nesting: number;
  readonly statements: number;
  readonly params: number;
}

export interface AppliedFix {
  readonly path: string;
  readonly rule: string;
  readonly line: number | null;
  readonly message: string;
  /** `ast`, `bytecode` or `guarded`; empty for a refused one. */
  readonly evidence: string;
  readonly reason: string;
}

export interface Pass {
  readonly n: number;
  readonly group: string;
  readonly applied: readonly AppliedFix[];
  readonly refused: readonly AppliedFix[];
  /** Unified diff of every file that changed. */
  readonly diff: string;
  readonly cut: boolean;
}

export interface CoursePoint {
  readonly pass: number;
  readonly group: string | null;
  readonly score: number;
  readonly findings: number;
}

export interface Suggestion {
  readonly path: string;
  readonly line: number | null;
  readonly text: string;
  readonly kind: string;
  readonly rule: string;
  readonly count: number;
  readonly diff: string | null;
}

export interface FileScore {
  readonly path: string;
  readonly score: number;
  readonly status: string;
}

export interface Report {
  /** Null until the first measurement. */
  readonly score: number | null;
  readonly threshold: number;
  readonly ok: boolean;
  readonly stop: string | null;
  readonly gate: { readonly failOn: string; readonly ok: boolean };
  readonly course: readonly CoursePoint[];
  readonly terms: Readonly<Record<string, number>>;
  readonly files: readonly FileScore[];
  readonly functions: readonly FunctionRow[];
  readonly findings: readonly Finding[];
  /** Findings in all, also those that are not listed. */
  readonly count: number;
  readonly passes: readonly Pass[];
  readonly suggestions: readonly Suggestion[];
  readonly remaining: { readonly unsafe: number; readonly manual: number };
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  readonly suppressed: number;
  readonly limits: readonly string[];
}

type Raw = Readonly<Record<string, unknown>>;

/** Read the report of a finished review. */
export function readReport(raw: Raw): Report {
  const findings = list(raw.issues).map(readFinding);
  const left = findings.filter((each) => !each.suppressed);
  return {
    score: number(raw.quality_score),
    threshold: number(raw.quality_threshold) ?? 7,
    ok: raw.quality_ok === true,
    stop: text(raw.stop_reason) || null,
    gate: readGate(raw.gate),
    course: list(raw.score_course).map(readPoint),
    terms: readTerms(raw.score_terms),
    files: list(raw.files).map(readFile),
    functions: list(raw.functions).map(readFunction),
    findings: left,
    count: Math.max(number(raw.issue_count) ?? 0, left.length),
    passes: list(raw.passes).map(readPass),
    suggestions: list(raw.suggestions).map(readSuggestion),
    remaining: readRemaining(raw.remaining, left),
    skipped: list(raw.skipped).map((each) => ({
      path: text(each.path),
      reason: text(each.reason),
    })),
    suppressed: Array.isArray(raw.suppressed) ? raw.suppressed.length : 0,
    limits: list(raw.limits_hit).map(limitWords),
  };
}

/** What a review that still runs has found so far, from its state. */
export function reportSoFar(state: Raw): Report {
  const issues = [...list(state.issues), ...list(state.complexity_findings)];
  const files = state.file_scores;
  return readReport({ ...state, issues, files, issue_count: undefined, quality_ok: false });
}

function readFinding(raw: Raw): Finding {
  return {
    id: text(raw.id),
    path: text(raw.path),
    line: number(raw.line) ?? 1,
    column: number(raw.column) ?? 1,
    rule: text(raw.rule),
    name: text(raw.name),
    category: text(raw.category),
    severity: text(raw.severity),
    message: text(raw.message),
    points: number(raw.points_lost) ?? 0,
    url: webAddress(raw.url),
    function: text(raw.function) || null,
    fix: text(raw.fix) || "none",
    suppressed: Boolean(raw.suppressed) || Boolean(raw.fixed_in_pass),
  };
}

function readFunction(raw: Raw): FunctionRow {
  const params = Array.isArray(raw.params) ? raw.params.length : number(raw.params);
  return {
    path: text(raw.path),
    name: text(raw.qualname) || text(raw.name),
    line: number(raw.line) ?? 1,
    cyclomatic: number(raw.cyclomatic) ?? 0,
    cognitive: number(raw.cognitive) ?? 0,
    nesting: number(raw.nesting) ?? 0,
    statements: number(raw.statements) ?? 0,
    params: params ?? 0,
  };
}

function readPass(raw: Raw): Pass {
  return {
    n: number(raw.n) ?? 0,
    group: text(raw.group),
    applied: list(raw.applied).map(readFix),
    refused: list(raw.refused).map(readFix),
    diff: text(raw.diff),
    cut: raw.diff_truncated === true,
  };
}

function readFix(raw: Raw): AppliedFix {
  return {
    path: text(raw.path),
    rule: text(raw.rule),
    line: number(raw.line),
    message: text(raw.message),
    evidence: text(raw.evidence),
    reason: text(raw.reason),
  };
}

function readPoint(raw: Raw): CoursePoint {
  return {
    pass: number(raw.pass) ?? 0,
    group: text(raw.group) || null,
    score: number(raw.score) ?? 0,
    findings: number(raw.findings) ?? 0,
  };
}

function readSuggestion(raw: Raw): Suggestion {
  return {
    path: text(raw.path),
    line: number(raw.line),
    text: text(raw.text),
    kind: text(raw.kind),
    rule: text(raw.rule),
    count: number(raw.count) ?? 1,
    diff: text(raw.diff) || null,
  };
}

function readFile(raw: Raw): FileScore {
  return { path: text(raw.path), score: number(raw.score) ?? 0, status: text(raw.status) };
}

function readGate(raw: unknown): Report["gate"] {
  const gate = record(raw);
  return { failOn: text(gate.fail_on) || "none", ok: gate.ok !== false };
}

function readTerms(raw: unknown): Record<string, number> {
  const terms = Object.entries(record(raw)).map(([name, value]) => [name, number(value) ?? 0]);
  return Object.fromEntries(terms.filter(([, value]) => value !== 0)) as Record<string, number>;
}

function readRemaining(raw: unknown, left: readonly Finding[]): Report["remaining"] {
  const given = record(raw);
  const byFix = (...fixes: string[]) => left.filter((each) => fixes.includes(each.fix)).length;
  return {
    unsafe: number(given.unsafe) ?? byFix("unsafe", "display"),
    manual: number(given.manual) ?? byFix("none"),
  };
}

function limitWords(raw: Raw): string {
  return text(raw.detail) || text(raw.message) || text(raw.limit) || t("A limit was reached.");
}

/** Only web addresses become links, wherever a report came from. */
function webAddress(value: unknown): string | null {
  return typeof value === "string" && value.startsWith("https://") ? value : null;
}

function record(value: unknown): Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Raw) : {};
}

function list(value: unknown): readonly Raw[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
