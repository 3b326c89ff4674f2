import type { RunEvent } from "../live/events";
import type { GraphDocument } from "../model/document";
import { describe, type Level } from "./lineWords";
import { Names } from "./names";

/** One row of the log. A message of several lines gives several rows. */
export interface LogRow {
  readonly seq: number;
  readonly ts: string;
  readonly node: string | null;
  /** What the node is called. */
  readonly step: string | null;
  /** The visit that it is about, by its number within the run. */
  readonly act: number | null;
  readonly level: Level;
  readonly text: string;
  /** Not the first line of its message. */
  readonly follows: boolean;
}

export interface LogFilter {
  /** The least level that is shown. */
  readonly level: Level;
  /** Only rows of this node. */
  readonly node: string | null;
  /** Only rows of this visit, by its number within the run. */
  readonly act?: number | null;
  /** Only rows that hold this text; case does not count. */
  readonly search: string;
}

const RANK: Readonly<Record<Level, number>> = { debug: 0, info: 1, warning: 2, error: 3 };

/** Rows of an event, at least one. */
export function rowsOf(event: RunEvent, names: Names): LogRow[] {
  const { level, text } = describe(event, names);
  const { seq, ts, node, act } = event;
  const step = node === null ? null : names.step(node);
  return text
    .split(/\r\n|\r|\n/)
    .map((line, index) => ({ seq, ts, node, step, act, level, text: line, follows: index > 0 }));
}

/** Every row of a run; grows with its journal and never reads an event twice. */
export class LogBook {
  readonly #names: Names;
  readonly #rows: LogRow[] = [];
  #read = 0;

  constructor(document: GraphDocument) {
    this.#names = new Names(document);
  }

  /** Take in what is new in `events`, the journal so far. */
  update(events: readonly RunEvent[]): readonly LogRow[] {
    for (; this.#read < events.length; this.#read += 1) {
      const event = events[this.#read];
      if (event) this.#rows.push(...rowsOf(event, this.#names));
    }
    return this.#rows;
  }
}

/** Rows that pass a filter, found step by step: rows looked at once are not looked at again. */
export class FilteredLog {
  readonly filter: LogFilter;
  readonly #needle: string;
  readonly #passed: LogRow[] = [];
  #looked = 0;

  constructor(filter: LogFilter) {
    this.filter = filter;
    this.#needle = filter.search.trim().toLowerCase();
  }

  update(rows: readonly LogRow[]): readonly LogRow[] {
    for (; this.#looked < rows.length; this.#looked += 1) {
      const row = rows[this.#looked];
      if (row && this.#passes(row)) this.#passed.push(row);
    }
    return this.#passed;
  }

  #passes(row: LogRow): boolean {
    const { level, node, act = null } = this.filter;
    if (RANK[row.level] < RANK[level] || (node !== null && row.node !== node)) return false;
    if (act !== null && row.act !== act) return false;
    return this.#needle === "" || searchable(row).includes(this.#needle);
  }
}

function searchable(row: LogRow): string {
  const { node, step, text } = row;
  const names = step === node ? step : `${step} ${node}`;
  return `${names ?? ""} ${text}`.toLowerCase();
}

/** The whole log as a text file. */
export function logText(rows: readonly LogRow[]): string {
  const lines = rows.map(
    (row) => `${row.ts} ${row.level.toUpperCase().padEnd(7)} ${row.step ?? "run"}  ${row.text}\n`,
  );
  return lines.join("");
}
