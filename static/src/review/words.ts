import { locale, t, tn } from "../words/t";
import type { Report } from "./report";

/** Why the loop ended. */
const STOPS: Readonly<Record<string, string>> = {
  threshold: t("The score reached the threshold."),
  no_progress: t("A whole round found nothing more that can be fixed safely."),
  budget: t("All passes were used."),
  nothing_to_review: t("There was no Python code to review."),
};

const GROUPS: Readonly<Record<string, string>> = {
  proven: t("fixes proven to change nothing"),
  dead: t("dead code"),
  modernise: t("modern forms"),
  simplify: t("simpler forms"),
};

const EVIDENCE: Readonly<Record<string, string>> = {
  ast: t("Proven: the syntax tree is equal before and after."),
  bytecode: t("Proven: Python compiles both to the same bytecode."),
  guarded: t("Guarded: names, signatures and comments are kept and the code compiles."),
};

const FIXES: Readonly<Record<string, string>> = {
  auto: t("safe to fix"),
  unsafe: t("needs a decision"),
  display: t("needs a decision"),
  none: t("by hand"),
};

const KINDS: Readonly<Record<string, string>> = {
  auto: t("safe to fix"),
  unsafe_fix: t("needs a decision"),
  manual: t("by hand"),
};

export function headline(report: Report, running: boolean): string {
  if (report.stop === "nothing_to_review") return t("Nothing to review");
  if (running) return report.score === null ? t("Reading the code") : t("Measuring and fixing");
  if (report.ok) return t("Good: the threshold is reached");
  return t("Below the threshold of {threshold}", { threshold: score(report.threshold) });
}

export function stopWords(report: Report): string {
  return report.stop
    ? (STOPS[report.stop] ?? t("It ended because of {stop}.", { stop: report.stop }))
    : "";
}

export const groupWords = (group: string): string => GROUPS[group] ?? (group || "fixes");
export const evidenceWords = (evidence: string): string => EVIDENCE[evidence] ?? evidence;
export const fixWords = (fix: string): string => FIXES[fix] ?? t("by hand");
export const kindWords = (kind: string): string => KINDS[kind] ?? t("by hand");

/** A score as it is written: at most two decimals. */
export function score(value: number): string {
  return value.toLocaleString(locale(), { maximumFractionDigits: 2, useGrouping: false });
}

/** What is left for people, in a sentence. */
export function remainingWords({ unsafe, manual }: Report["remaining"]): string {
  if (unsafe === 0 && manual === 0) return t("Nothing is left to do.");
  const parts = [
    ...(unsafe > 0
      ? [
          tn(
            "{count} needs a decision, because a fix may change behaviour",
            "{count} need a decision, because a fix may change behaviour",
            unsafe,
          ),
        ]
      : []),
    ...(manual > 0
      ? [tn("{count} is work for a person", "{count} are work for a person", manual)]
      : []),
  ];
  return t("The loop cleans, it does not redesign. {parts}.", { parts: parts.join(t(", and ")) });
}

/** How a score reads at a glance. */
export function verdict(report: Report): "ok" | "below" | "bad" | "open" {
  if (report.score === null) return "open";
  if (report.score >= report.threshold) return "ok";
  return report.score >= 4 ? "below" : "bad";
}
