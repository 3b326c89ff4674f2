import { useState } from "react";
import { t, tn } from "../words/t";
import { isRecord } from "./payloads";
import { brief, bytes } from "./words";

/** A text longer than this is cut, in characters; 64 KiB is what a page bears without stalling. */
export const TEXT_CAP = 64 * 1024;
/** So many entries of a list or object are shown at a time. */
const PAGE = 100;
/** A text longer than this is folded until it is asked for. */
const FOLD = 160;

type Entry = readonly [key: string | number, value: unknown];

interface TreeProps {
  readonly value: unknown;
  /** Keys of the top level that are marked as changed. */
  readonly marked?: ReadonlySet<string>;
  /** How many levels are open at first. */
  readonly open?: number;
  readonly label: string;
}

/** A JSON value as a tree to open and close. Nothing below a closed entry is built. */
export function JsonTree({ value, marked, open = 0, label }: TreeProps) {
  const entries = entriesOf(value);
  if (!entries) return <Leaf value={value} />;
  if (entries.length === 0) return <span className="rp-json__empty">{emptyWord(value)}</span>;
  return (
    <ul className="rp-json" aria-label={label}>
      <Entries entries={entries} open={open} marked={marked} />
    </ul>
  );
}

function Entries(props: {
  entries: readonly Entry[];
  open: number;
  marked?: ReadonlySet<string> | undefined;
}) {
  const [shown, setShown] = useState(PAGE);
  const rest = props.entries.length - shown;
  return (
    <>
      {props.entries.slice(0, shown).map(([key, value]) => (
        <Row
          key={key}
          name={key}
          value={value}
          open={props.open}
          marked={props.marked?.has(String(key)) ?? false}
        />
      ))}
      {rest > 0 && (
        <li>
          <button type="button" className="rp-link" onClick={() => setShown(shown + PAGE)}>
            {t("Show {n} of {rest} more", { n: Math.min(PAGE, rest), rest })}
          </button>
        </li>
      )}
    </>
  );
}

function Row(props: { name: string | number; value: unknown; open: number; marked: boolean }) {
  const [open, setOpen] = useState(props.open > 0);
  const entries = entriesOf(props.value);
  const name = <span className="rp-json__key">{props.name}</span>;
  const mark = props.marked && <span className="rp-json__mark">{t("changed")}</span>;
  if (!entries || entries.length === 0) {
    return (
      <li className="rp-json__row" data-marked={props.marked || undefined}>
        {name}
        <span className="rp-json__colon">: </span>
        <Leaf value={props.value} />
        {mark}
      </li>
    );
  }
  return (
    <li className="rp-json__row" data-marked={props.marked || undefined}>
      <button
        type="button"
        className="rp-json__toggle"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {name}
        <span className="rp-json__colon">: </span>
        <span className="rp-json__size">{sizeWord(props.value, entries.length)}</span>
        {!open && <span className="rp-json__brief">{brief(props.value, 48)}</span>}
      </button>
      {mark}
      {open && (
        <ul className="rp-json">
          <Entries entries={entries} open={props.open - 1} />
        </ul>
      )}
    </li>
  );
}

/** A value without entries. */
export function Leaf({ value }: { value: unknown }) {
  if (typeof value === "string") return <Text text={value} />;
  const kind = value === null ? "null" : typeof value;
  return (
    <span className="rp-json__leaf" data-kind={kind}>
      {isRecord(value) || Array.isArray(value) ? emptyWord(value) : String(value ?? t("nothing"))}
    </span>
  );
}

function Text({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  const long = text.length > FOLD || text.includes("\n");
  if (!long) {
    return (
      <span className="rp-json__leaf" data-kind="string">
        {JSON.stringify(text)}
      </span>
    );
  }
  const cut = text.length > TEXT_CAP;
  return (
    <span className="rp-json__text">
      <button
        type="button"
        className="rp-json__toggle"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <span className="rp-json__leaf" data-kind="string">
          {brief(text, 56)}
        </span>
        <span className="rp-json__size">{textSize(text)}</span>
      </button>
      {open && <pre className="rp-json__pre">{text.slice(0, TEXT_CAP)}</pre>}
      {open && cut && (
        <span className="rp-json__cut">
          {t("{shown} of {all} are shown. Open raw to see all of it.", {
            shown: bytes(TEXT_CAP),
            all: bytes(text.length),
          })}
        </span>
      )}
    </span>
  );
}

function textSize(text: string): string {
  const lines = text.split("\n").length;
  return lines > 1
    ? tn("{count} line", "{count} lines", lines)
    : tn("{count} character", "{count} characters", text.length);
}

function entriesOf(value: unknown): readonly Entry[] | null {
  if (Array.isArray(value)) return value.map((item, index) => [index, item] as const);
  return isRecord(value) ? Object.entries(value) : null;
}

function emptyWord(value: unknown): string {
  return Array.isArray(value) ? "[]" : "{}";
}

function sizeWord(value: unknown, count: number): string {
  return Array.isArray(value) ? `[${count}]` : `{${count}}`;
}
