/** What can be written at a place of an expression: names, keys of real values, functions. */
import { t } from "../../words/t";
import type { Json } from "../document";
import { evaluate, isMap, LOOPS, loopsAround } from "./chains";
import { type Compared, comparedAt } from "./compared";
import { type Token, tokensOf } from "./tokens";

/** A function of the language, as the server describes it. */
export interface LanguageFunction {
  readonly name: string;
  readonly kind: string;
  readonly signature: string;
  readonly summary: string;
  readonly example: string;
}

/** A name that the expression may read. */
export interface Name {
  readonly name: string;
  /** A type word, or where it comes from. */
  readonly detail: string;
  readonly info?: string;
}

export interface Scope {
  readonly names: readonly Name[];
  /** What the names stood for in the last run, as far as that is known. */
  readonly values: Readonly<Record<string, Json>>;
  readonly functions: readonly LanguageFunction[];
  /** JSON Schemas of names, as far as they are declared. */
  readonly schemas?: Readonly<Record<string, unknown>>;
}

export type CompletionKind =
  | "value"
  | "name"
  | "key"
  | "variable"
  | "function"
  | "method"
  | "loop"
  | "word";

export interface Completion {
  readonly label: string;
  readonly kind: CompletionKind;
  /** A signature, a type, or where the name comes from. */
  readonly detail: string;
  readonly info: string;
  /** The last value; undefined where there is none. */
  readonly value?: Json;
  readonly insert: string;
  /** Where the caret goes, counted from the end of what was inserted. */
  readonly back: number;
  /** How many letters before `from` are replaced as well: the dot before a key that needs brackets. */
  readonly eats: number;
}

export interface Completions {
  /** What is replaced. */
  readonly from: number;
  readonly to: number;
  readonly typed: string;
  readonly items: readonly Completion[];
}

const MOST = 60;
const RESERVED = new Set(
  "as break const continue else for function if import in let loop namespace package return true false null var void while".split(
    " ",
  ),
);

/** Completions at the cursor; null where none make sense, as inside of a text or after a number. */
export function complete(source: string, cursor: number, scope: Scope): Completions | null {
  const all = tokensOf(source);
  const before = all.filter((token) => token.from < cursor);
  const last = before.at(-1);
  if (last?.kind === "number" && last.to >= cursor) return null;
  if (last?.kind === "string" && (last.to > cursor || (last.to === cursor && last.open))) {
    return (
      keysInBrackets(before, last, cursor, scope) ?? textsCompared(before, last, cursor, scope)
    );
  }
  if (last?.kind === "string" && last.to === cursor) return null;
  const partial = last?.kind === "name" && last.to >= cursor ? last : null;
  const rest = partial ? before.slice(0, -1) : before;
  const from = partial?.from ?? cursor;
  const span = {
    from,
    to: partial ? partial.to : cursor,
    typed: source.slice(from, cursor),
  };
  const dot = rest.at(-1);
  if (dot && (dot.text === "." || dot.text === ".?")) {
    const items = membersOf(rest.slice(0, -1), dot, scope, from - dot.from);
    return found(span, items);
  }
  if (isAfterValue(dot)) return null;
  if (declaresVariable(rest)) return null;
  return found(span, [
    ...comparedAt(rest, scope).map(valueItem),
    ...variables(rest, scope),
    ...names(scope),
    ...plainFunctions(scope),
    ...WORDS,
  ]);
}

/** The completions that fit what is typed, the best first; null when none does. */
function found(span: Omit<Completions, "items">, items: readonly Completion[]): Completions | null {
  const wanted = span.typed.toLowerCase();
  const fits = items
    .map((item) => [rate(bare(item), span.typed, wanted), item] as const)
    .filter(([rating]) => rating > 0)
    .sort((a, b) => b[0] - a[0])
    .map(([, item]) => item);
  const seen = new Set<string>();
  const once = fits.filter(({ label }) => !seen.has(label) && seen.add(label));
  return once.length ? { ...span, items: once.slice(0, MOST) } : null;
}

/** A text is looked for without its quotes. */
const bare = ({ kind, label }: Completion) => (kind === "value" ? label.replace(/^'/, "") : label);

function rate(label: string, typed: string, wanted: string): number {
  if (label.startsWith(typed)) return 4;
  const low = label.toLowerCase();
  if (low.startsWith(wanted)) return 3;
  if (low.split(/[_\s-]/).some((word) => word.startsWith(wanted))) return 2;
  return wanted.length > 1 && low.includes(wanted) ? 1 : 0;
}

/** After a value an operator comes, no name. */
function isAfterValue(token: Token | undefined): boolean {
  if (!token) return false;
  if (token.kind === "name") return token.text !== "in";
  return token.kind !== "sign" || token.text === ")" || token.text === "]" || token.text === "}";
}

/** Whether a name here is that of a loop's variable: right after `.map(`. */
function declaresVariable(tokens: readonly Token[]): boolean {
  const [dot, name, open] = tokens.slice(-3);
  return dot?.text === "." && LOOPS.has(name?.text ?? "") && open?.text === "(";
}

// Names -------------------------------------------------------------------------------------------

function names({ names: known, values }: Scope): Completion[] {
  return known.map(({ name, detail, info = "" }) => ({
    ...plainOr(name, "state"),
    label: name,
    kind: "name",
    detail,
    info,
    ...lastOf(values, name),
  }));
}

const WORDS: readonly Completion[] = ["true", "false", "null"].map((word) => ({
  label: word,
  kind: "word",
  detail: "",
  info: "",
  insert: word,
  back: 0,
  eats: 0,
}));

function plainFunctions({ functions }: Scope): Completion[] {
  return functions.filter(({ kind }) => kind === "function").map(functionItem);
}

function functionItem(each: LanguageFunction): Completion {
  const bare = /\(\)/.test(each.signature.split("->")[0] ?? "");
  return {
    label: each.name,
    kind: each.kind as CompletionKind,
    detail: each.signature,
    info: each.summary,
    insert: `${each.name}()`,
    back: bare ? 0 : 1,
    eats: 0,
  };
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;
const isPlain = (name: string) => PLAIN.test(name) && !RESERVED.has(name);

/** A bare name, or the same by brackets where it is no plain word. */
function plainOr(name: string, holder: string): Pick<Completion, "insert" | "back" | "eats"> {
  return { insert: isPlain(name) ? name : `${holder}[${quote(name)}]`, back: 0, eats: 0 };
}

const quote = (text: string) =>
  `'${text.replace(/\\/g, "\\\\").replace(/'/g, "\\'").replace(/\n/g, "\\n").replace(/\r/g, "\\r")}'`;

function lastOf(values: Readonly<Record<string, Json>>, name: string): { value?: Json } {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  return value === undefined ? {} : { value };
}

/** The variables of the loops around, the innermost first. */
function variables(tokens: readonly Token[], scope: Scope): Completion[] {
  return [...loopsAround(tokens, scope)].reverse().map(({ name, value }) => ({
    label: name,
    kind: "variable",
    detail: t("of the loop"),
    info: "",
    insert: name,
    back: 0,
    eats: 0,
    ...(value === undefined ? {} : { value }),
  }));
}

// Values that are compared with -------------------------------------------------------------------

function valueItem({ value, detail }: Compared): Completion {
  const label = typeof value === "string" ? quote(value) : JSON.stringify(value);
  return { label, kind: "value", detail, info: "", insert: label, back: 0, eats: 0 };
}

/** `verdict == 'sh`: the texts that could stand in the quotes. */
function textsCompared(
  tokens: readonly Token[],
  text: Token,
  cursor: number,
  scope: Scope,
): Completions | null {
  const inside = insideOf(text);
  if (cursor < inside.from) return null;
  const items = comparedAt(tokens.slice(0, -1), scope).flatMap(
    ({ value, detail }): Completion[] => {
      if (typeof value !== "string") return [];
      const insert = `${inner(value, inside.mark)}${text.open ? inside.mark : ""}`;
      return [{ label: value, kind: "value", detail, info: "", insert, back: 0, eats: 0 }];
    },
  );
  const typed = (text.value ?? "").slice(0, cursor - inside.from);
  return found({ from: inside.from, to: inside.to, typed }, items);
}

/** Where the letters of a quoted text stand, and its quote. */
function insideOf(text: Token): {
  readonly mark: string;
  readonly from: number;
  readonly to: number;
} {
  const mark = text.text.replace(/^[rR]/, "").charAt(0);
  const from = text.from + text.text.indexOf(mark) + 1;
  return { mark, from, to: text.open ? text.to : text.to - 1 };
}

// Members -----------------------------------------------------------------------------------------

/** What may follow a dot: the keys of a map, and what can be done with a value of its kind. */
function membersOf(tokens: readonly Token[], dot: Token, scope: Scope, gap: number): Completion[] {
  const value = evaluate(tokens, scope, loopsAround(tokens, scope));
  const keys = isMap(value)
    ? Object.entries(value).map(([key, each]) => keyItem(key, each, dot, gap))
    : [];
  if (dot.text === ".?") return keys;
  const methods = scope.functions
    .filter(({ kind, name }) => (kind === "method" || kind === "loop") && suits(name, value))
    .map(functionItem);
  return [...keys, ...methods];
}

function keyItem(key: string, value: Json, dot: Token, gap: number): Completion {
  const plain =
    isPlain(key) || (PLAIN.test(key) && RESERVED.has(key) && !/^(true|false|null|in)$/.test(key));
  const sign = dot.text === ".?" ? "[?" : "[";
  return {
    label: key,
    kind: "key",
    detail: kindWord(value),
    info: "",
    value,
    insert: plain ? key : `${sign}${quote(key)}]`,
    back: 0,
    eats: plain ? 0 : gap,
  };
}

const OF_TEXT = new Set([
  "contains",
  "startsWith",
  "endsWith",
  "lowerAscii",
  "upperAscii",
  "trim",
  "size",
]);
const OF_LIST = new Set([...LOOPS, "size"]);

/** Whether a method can be called on such a value; on an unknown one, all can. */
function suits(method: string, value: Json | undefined): boolean {
  if (value === undefined) return true;
  if (typeof value === "string") return OF_TEXT.has(method);
  if (Array.isArray(value) || isMap(value)) return OF_LIST.has(method);
  return false;
}

/** `state['` and `a['`: the keys that could stand in the quotes. */
function keysInBrackets(
  tokens: readonly Token[],
  text: Token,
  cursor: number,
  scope: Scope,
): Completions | null {
  const bracket = tokens.at(-2);
  if (bracket?.text !== "[" && bracket?.text !== "[?") return null;
  const holder = tokens.slice(0, -2);
  if (!isAfterValue(holder.at(-1))) return null;
  const value = evaluate(holder, scope, loopsAround(holder, scope));
  if (!isMap(value)) return null;
  const { mark, from, to } = insideOf(text);
  if (cursor < from) return null;
  const typed = (text.value ?? "").slice(0, cursor - from);
  const items = Object.entries(value).map(
    ([key, each]): Completion => ({
      label: key,
      kind: "key",
      detail: kindWord(each),
      info: "",
      value: each,
      insert: `${inner(key, mark)}${text.open ? `${mark}]` : ""}`,
      back: 0,
      eats: 0,
    }),
  );
  return found({ from, to, typed }, items);
}

const inner = (key: string, mark: string) =>
  quote(key)
    .slice(1, -1)
    .replace(/\\'/g, mark === "'" ? "\\'" : "'")
    .replace(/"/g, mark === '"' ? '\\"' : '"');

/** What kind of value it is, in a word. */
export function kindWord(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return t("list");
  if (typeof value === "object") return t("map");
  if (typeof value === "string") return t("text");
  if (typeof value === "boolean") return t("yes or no");
  return Number.isInteger(value) ? t("whole number") : t("number");
}

/** The text and the place of the caret after a completion was chosen. */
export function accept(
  source: string,
  { from, to }: Pick<Completions, "from" | "to">,
  item: Completion,
): { readonly text: string; readonly caret: number } {
  const head = source.slice(0, from - item.eats);
  // The brackets of a call that are there already are kept.
  const called = item.insert.endsWith("()") && source.charAt(to) === "(";
  const insert = called ? item.insert.slice(0, -2) : item.insert;
  const caret = head.length + insert.length - (called ? 0 : item.back);
  return { text: head + insert + source.slice(to), caret: called ? caret + 1 : caret };
}
