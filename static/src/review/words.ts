import type { Report } from "./report";

/** Why the loop ended. */
const STOPS: Readonly<Record<string, string>> = {
  threshold: "The score reached the threshold.",
  no_progress: "A whole round found nothing more that can be fixed safely.",
  budget: "All passes were used.",
  nothing_to_review: "There was no Python code to review.",
};

const GROUPS: Readonly<Record<string, string>> = {
  proven: "fixes proven to change nothing",
  dead: "dead code",
  modernise: "modern forms",
  simplify: "simpler forms",
};

const EVIDENCE: Readonly<Record<string, string>> = {
  ast: "Proven: the syntax tree is equal before and after.",
  bytecode: "Proven: Python compiles both to the same bytecode.",
  guarded: "Guarded: names, signatures and comments are kept and the code compiles.",
};

const FIXES: Readonly<Record<string, string>> = {
  auto: "safe to fix",
  unsafe: "needs a decision",
  display: "needs a decision",
  none: "by hand",
};

const KINDS: Readonly<Record<string, string>> = {
  auto: "safe to fix",
  unsafe_fix: "needs a decision",
  manual: "by hand",
};

export function headline(report: Report, running: boolean): string {
  if (report.stop === "nothing_to_review") return "Nothing to review";
  if (running) return report.score === null ? "Reading the code" : "Measuring and fixing";
  if (report.ok) return "Good: the threshold is reached";
  return `Below the threshold of ${score(report.threshold)}`;
}

export function stopWords(report: Report): string {
  return report.stop ? (STOPS[report.stop] ?? `It ended because of ${report.stop}.`) : "";
}

export const groupWords = (group: string): string => GROUPS[group] ?? (group || "fixes");
export const evidenceWords = (evidence: string): string => EVIDENCE[evidence] ?? evidence;
export const fixWords = (fix: string): string => FIXES[fix] ?? "by hand";
export const kindWords = (kind: string): string => KINDS[kind] ?? "by hand";

/** A score as it is written: at most two decimals. */
export function score(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** What is left for people, in a sentence. */
export function remainingWords({ unsafe, manual }: Report["remaining"]): string {
  if (unsafe === 0 && manual === 0) return "Nothing is left to do.";
  const parts = [
    ...(unsafe > 0
      ? [
          `${unsafe} ${unsafe === 1 ? "needs" : "need"} a decision, because a fix may change behaviour`,
        ]
      : []),
    ...(manual > 0 ? [`${manual} ${manual === 1 ? "is" : "are"} work for a person`] : []),
  ];
  return `The loop cleans, it does not redesign. ${parts.join(", and ")}.`;
}

/** How a score reads at a glance. */
export function verdict(report: Report): "ok" | "below" | "bad" | "open" {
  if (report.score === null) return "open";
  if (report.score >= report.threshold) return "ok";
  return report.score >= 4 ? "below" : "bad";
}
