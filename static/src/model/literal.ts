/**
 * Plain values inside expressions. Inputs of a node are expressions; a form field that holds a
 * plain value writes it as a literal of the expression language and reads it back from there.
 */
import { t } from "../words/t";
import type { Json } from "./document";

/** A value as an expression: `'it\'s'`, `5`, `[1, 2]`, `{'a': true}`. */
export function toLiteral(value: Json): string {
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return `[${value.map(toLiteral).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => `${quote(key)}: ${toLiteral(item)}`);
    return `{${entries.join(", ")}}`;
  }
  return typeof value === "number" ? numeral(value) : String(value);
}

/** A value that was read from an expression; wrapped, because null is a value too. */
export interface Literal {
  readonly value: Json;
}

/** The plain value of an expression, or null when the expression computes something. */
export function fromLiteral(source: string): Literal | null {
  const reader = new Reader(source);
  try {
    const value = reader.value(0);
    reader.space();
    return reader.atEnd ? { value } : null;
  } catch (error) {
    if (error instanceof NotLiteral) return null;
    throw error;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function quote(text: string): string {
  // Control characters and those that turn the direction of text are spelled out: a source may not
  // hold them as they are.
  const safe = text.replace(/[\\'\n\r\t]/g, (c) => ESCAPES[c] ?? c).replace(UNSAFE, spell);
  return `'${safe}'`;
}

const UNSAFE = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;
const spell = (c: string) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;

function numeral(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(t("Only finite numbers can be written."));
  return Object.is(value, -0) ? "0" : String(value);
}

class NotLiteral extends Error {}

const UNESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  v: "\v",
  a: "\x07",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "`": "`",
  "?": "?",
};
const WORDS: ReadonlyMap<string, Json> = new Map<string, Json>([
  ["true", true],
  ["false", false],
  ["null", null],
]);
const MAX_DEPTH = 32;

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  space(): void {
    while (/\s/.test(this.#peek)) this.#at += 1;
  }

  value(depth: number): Json {
    if (depth > MAX_DEPTH) throw new NotLiteral();
    this.space();
    const next = this.#peek;
    if (next === "'" || next === '"') return this.#string();
    if (next === "[") return this.#list(depth);
    if (next === "{") return this.#map(depth);
    return this.#word();
  }

  get #peek(): string {
    return this.#text[this.#at] ?? "";
  }

  #take(expected: string): boolean {
    this.space();
    if (this.#peek !== expected) return false;
    this.#at += 1;
    return true;
  }

  #list(depth: number): Json {
    this.#at += 1;
    const items: Json[] = [];
    while (!this.#take("]")) {
      if (items.length && !this.#take(",")) throw new NotLiteral();
      if (items.length && this.#take("]")) return items;
      items.push(this.value(depth + 1));
    }
    return items;
  }

  #map(depth: number): Json {
    this.#at += 1;
    const entries = new Map<string, Json>();
    while (!this.#take("}")) {
      if (entries.size && !this.#take(",")) throw new NotLiteral();
      if (entries.size && this.#take("}")) break;
      const key = this.value(depth + 1);
      if (typeof key !== "string" || entries.has(key) || !this.#take(":")) throw new NotLiteral();
      entries.set(key, this.value(depth + 1));
    }
    return Object.fromEntries(entries);
  }

  #word(): Json {
    const word = /^[-+\w.]+/.exec(this.#text.slice(this.#at))?.[0] ?? "";
    const named = WORDS.get(word);
    const number = /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(word) ? Number(word) : Number.NaN;
    if (named === undefined && !exact(number, word)) throw new NotLiteral();
    this.#at += word.length;
    return named === undefined ? number : named;
  }

  #string(): string {
    const end = this.#peek;
    if (this.#text.startsWith(end.repeat(3), this.#at)) throw new NotLiteral();
    let result = "";
    for (this.#at += 1; this.#peek !== end; this.#at += 1) {
      const next = this.#peek;
      if (next === "" || next === "\n" || next === "\r") throw new NotLiteral();
      result += next === "\\" ? this.#escape() : next;
    }
    this.#at += 1;
    return result;
  }

  #escape(): string {
    this.#at += 1;
    const known = UNESCAPES[this.#peek];
    if (known !== undefined) return known;
    const digits = { u: 4, U: 8, x: 2 }[this.#peek];
    const hex = this.#text.slice(this.#at + 1, this.#at + 1 + (digits ?? 0));
    if (!digits || hex.length !== digits || !/^[0-9a-f]+$/i.test(hex)) throw new NotLiteral();
    const code = Number.parseInt(hex, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new NotLiteral();
    this.#at += digits;
    return String.fromCodePoint(code);
  }
}

/** Whole numbers beyond 2^53 would come back changed, so they stay expressions. */
function exact(number: number, word: string): boolean {
  if (!Number.isFinite(number)) return false;
  return /[.eE]/.test(word) ? !Number.isInteger(number) : Number.isSafeInteger(number);
}
