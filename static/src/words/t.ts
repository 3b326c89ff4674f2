/**
 * Texts in the language of the page. English stands in the sources and is the key; the catalogue of
 * another language is a script that the page loads before (`static/words/de.js`), so texts may be
 * asked for while modules load. `make words` reads the calls of `t`, `tn` and `tp` out of the
 * sources: their texts must be plain string literals.
 */
export interface Catalogue {
  /** Which of the plural forms a count takes. */
  readonly plural: (count: number) => number;
  readonly words: Readonly<Record<string, string | readonly string[]>>;
}

declare global {
  var treadleWords: Catalogue | undefined;
}

/** What stands for the `{names}` in a text; numbers are written as the language writes them. */
export type Values = Readonly<Record<string, string | number>>;

/** The text in the language of the page: `t("Stop {name}", { name })`. */
export const t = (text: string, values?: Values): string => fill(find(text) ?? text, values);

/** A text that counts: `tn("{count} step", "{count} steps", count)`. */
export function tn(one: string, many: string, count: number, values?: Values): string {
  const forms = globalThis.treadleWords?.words[one];
  const which = globalThis.treadleWords?.plural(count);
  const form = typeof forms === "object" ? forms[which ?? 0] : undefined;
  return fill(form ?? (count === 1 ? one : many), { count, ...values });
}

/** A text whose English means two things; `context` says which: `tp("status", "open")`. */
export const tp = (context: string, text: string, values?: Values): string =>
  fill(find(`${context}\u0004${text}`) ?? text, values);

function find(key: string): string | undefined {
  const found = globalThis.treadleWords?.words[key];
  return typeof found === "string" ? found : undefined;
}

/** Names without a value stay, so that `rich` can put elements there. */
function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return typeof value === "number" ? numberWords(value) : (value ?? whole);
  });
}

/** A number as it is written in a text. */
const numberWords = (value: number): string => numbers(PLAIN).format(value);
const PLAIN: Intl.NumberFormatOptions = {};

const makers = new WeakMap<object, { readonly of: string; readonly made: Intl.NumberFormat }>();

/** How the language of the page writes numbers; asking anew takes a hundred times as long as using it. */
export function numbers(how: Intl.NumberFormatOptions): Intl.NumberFormat {
  const of = locale();
  const known = makers.get(how);
  if (known?.of === of) return known.made;
  const made = new Intl.NumberFormat(of, how);
  makers.set(how, { of, made });
  return made;
}

/** How numbers and moments are written: the reader's own habits, where his browser speaks the language of the page. */
export function locale(): string {
  const shown = globalThis.document?.documentElement.lang || "en";
  const own = globalThis.navigator?.language ?? shown;
  return own.startsWith(shown) ? own : shown;
}
