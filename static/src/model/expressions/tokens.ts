/** The words of an expression, read just well enough to complete it; the server decides what is right. */
export type TokenKind = "name" | "number" | "string" | "sign";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Of a string: what stands in it, and whether its closing quote is missing. */
  readonly value?: string;
  readonly open?: boolean;
}

const SPACE = /[ \t\r\n\f]+/y;
const NUMBER = /(?:0x[0-9a-fA-F]+|(?:[0-9]+\.[0-9]+|\.[0-9]+|[0-9]+)(?:[eE][+-]?[0-9]+)?)/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const QUOTE = /[rR]?(?:"""|'''|"|')/y;
const SIGN = /&&|\|\||==|!=|<=|>=|\.\?|\[\?|[^\s]/y;

/** Every token of a text. Never fails: what is no token is a sign, and a string may be open. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < source.length; ) {
    const space = take(SPACE, source, at);
    if (space) {
      at += space.length;
      continue;
    }
    const token = quoted(source, at) ?? plain(source, at);
    tokens.push(token);
    at = token.to;
  }
  return tokens;
}

function plain(source: string, at: number): Token {
  const number = take(NUMBER, source, at);
  if (number) return { kind: "number", text: number, from: at, to: at + number.length };
  const name = take(NAME, source, at);
  if (name) return { kind: "name", text: name, from: at, to: at + name.length };
  const sign = take(SIGN, source, at) ?? source.charAt(at);
  return { kind: "sign", text: sign, from: at, to: at + sign.length };
}

function quoted(source: string, at: number): Token | null {
  const opening = take(QUOTE, source, at);
  if (!opening) return null;
  const raw = /^r/i.test(opening);
  const quote = raw ? opening.slice(1) : opening;
  const begin = at + opening.length;
  let end = begin;
  while (end < source.length && !source.startsWith(quote, end)) {
    // A string of one quote ends with its line.
    if (quote.length === 1 && /[\r\n]/.test(source.charAt(end))) break;
    end += source[end] === "\\" && !raw ? 2 : 1;
  }
  end = Math.min(end, source.length);
  const open = !source.startsWith(quote, end) || end >= source.length;
  const to = open ? Math.max(end, begin) : end + quote.length;
  const value = source.slice(begin, end);
  return { kind: "string", text: source.slice(at, to), from: at, to, value, open };
}

function take(pattern: RegExp, source: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? null;
}
