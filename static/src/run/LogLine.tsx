import { memo } from "react";
import { t, tp } from "../words/t";
import type { LogRow } from "./logLines";
import { clock } from "./words";

/** A line that does not wrap is cut here, in characters; wrapping shows all of it. */
const CUT = 2_000;

interface LineProps {
  readonly id: string;
  readonly row: LogRow;
  readonly place: number;
  readonly count: number;
  readonly wrap: boolean;
  readonly current: boolean;
  /** It happened after the moment that is shown. */
  readonly later: boolean;
  readonly search: string;
  readonly measure: (index: number, element: HTMLElement | null) => void;
  readonly onSeq: (seq: number) => void;
}

const LETTERS = {
  debug: tp("level of a line", "debug"),
  info: tp("level of a line", "info"),
  warning: tp("level of a line", "warn"),
  error: tp("level of a line", "error"),
} as const;

/** One line of the log; a click goes to its moment. */
export const LogLine = memo(function LogLine(props: LineProps) {
  const { row, place, wrap } = props;
  const text = wrap ? row.text : row.text.slice(0, CUT);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list around it has the keys
    <div
      id={props.id}
      ref={(element) => props.measure(place, element)}
      className="rp-line"
      role="option"
      aria-selected={props.current}
      aria-setsize={props.count}
      aria-posinset={place + 1}
      data-level={row.level}
      data-later={props.later || undefined}
      tabIndex={-1}
      onClick={() => {
        if (window.getSelection()?.isCollapsed !== false) props.onSeq(row.seq);
      }}
    >
      <span className="rp-line__time">{row.follows ? "" : clock(row.ts)}</span>
      <span className="rp-line__level">{row.follows ? "" : LETTERS[row.level]}</span>
      <span className="rp-line__node" title={row.node ?? tp("of the log", "run")}>
        {row.follows ? "" : (row.step ?? tp("of the log", "run"))}
      </span>
      <span className="rp-line__text">
        <Marked text={text} search={props.search.trim()} />
        {text.length < row.text.length && (
          <i>{t("… {n} more", { n: row.text.length - text.length })}</i>
        )}
      </span>
    </div>
  );
});

/** The text with every find of the search marked. */
export function Marked({ text, search }: { text: string; search: string }) {
  if (!search) return <>{text || " "}</>;
  const parts: string[] = [];
  const low = text.toLowerCase();
  const needle = search.toLowerCase();
  let from = 0;
  for (let at = low.indexOf(needle); at >= 0 && low.length === text.length; ) {
    parts.push(text.slice(from, at), text.slice(at, at + needle.length));
    from = at + needle.length;
    at = low.indexOf(needle, from);
  }
  parts.push(text.slice(from));
  return (
    <>
      {parts.map((part, index) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of one line never move
        index % 2 === 1 ? <mark key={index}>{part}</mark> : part,
      )}
    </>
  );
}
