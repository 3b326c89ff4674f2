import { useEffect, useMemo, useRef } from "react";
import type { LineMark } from "../code/contract";
import { t, tn } from "../words/t";
import { toneOf } from "./findings";
import type { Finding } from "./report";
import { useEditor } from "./useCode";
import type { Texts } from "./versions";

/** A place in the code to show; `turn` grows so that the same place can be asked for again. */
export interface Place {
  readonly path: string;
  readonly line: number;
  readonly turn: number;
}

interface CodeProps {
  readonly url: string;
  readonly texts: Texts;
  readonly findings: readonly Finding[];
  readonly path: string | null;
  readonly place: Place | null;
  readonly onPath: (path: string) => void;
}

/** The code as it stands after the last pass, with a mark on each line that has a finding. */
export function CodePanel({ url, texts, findings, path, place, onPath }: CodeProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useEditor(url, host, {
    language: "python",
    label: t("Reviewed code"),
    readOnly: true,
  });
  const text = path === null ? "" : (texts.get(path) ?? "");
  const lines = text.split("\n").length - 1;
  const marks = useMemo(() => marksOf(findings, path), [findings, path]);
  useEffect(() => {
    editor?.setText(text);
    editor?.setMarks(marks);
  }, [editor, text, marks]);
  useEffect(() => {
    if (place && place.path === path && text) editor?.reveal(place.line);
  }, [editor, place, path, text]);
  return (
    <section className="panel rv-code" aria-labelledby="rv-code-title">
      <div className="panel__head">
        <h2 id="rv-code-title">{t("Code")}</h2>
        {texts.size > 1 ? (
          <select
            className="select rv-code__file"
            aria-label={t("File")}
            value={path ?? ""}
            onChange={(event) => onPath(event.target.value)}
          >
            {[...texts.keys()].map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        ) : (
          <span className="panel__note">
            {text
              ? tn("{count} line, after the last pass", "{count} lines, after the last pass", lines)
              : t("not read yet, after the last pass")}
          </span>
        )}
      </div>
      <div className="rv-code__view" ref={host} />
    </section>
  );
}

function marksOf(findings: readonly Finding[], path: string | null): readonly LineMark[] {
  return findings
    .filter((each) => each.path === path)
    .map((each) => ({
      line: each.line,
      level: toneOf(each.severity),
      text: `${each.rule} ${each.message}`,
    }));
}
