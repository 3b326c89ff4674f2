/**
 * The little Markdown that notes know: headings, lists, quotes, code, bold, italic and links. Never
 * HTML: text stays text, and a link leads only to http, https and mailto.
 */

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "bold" | "italic"; readonly parts: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly parts: readonly Inline[] };

export type Block =
  | { readonly kind: "heading" | "paragraph" | "quote"; readonly parts: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  | {
      readonly kind: "list";
      readonly ordered: boolean;
      readonly items: readonly (readonly Inline[])[];
    };

const FENCE = /^```/;
const HEADING = /^#{1,6}\s+(.*)$/;
const QUOTE = /^>\s?(.*)$/;
const BULLET = /^\s*[-*+]\s+(.*)$/;
const NUMBER = /^\s*\d{1,3}[.)]\s+(.*)$/;

/** The blocks of a text. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] as string;
    if (!line.trim()) at += 1;
    else if (FENCE.test(line)) at = fenced(lines, at, blocks);
    else if (BULLET.test(line)) at = listed(lines, at, BULLET, blocks);
    else if (NUMBER.test(line)) at = listed(lines, at, NUMBER, blocks);
    else if (HEADING.test(line)) {
      blocks.push({ kind: "heading", parts: inlinesOf(HEADING.exec(line)?.[1] ?? "") });
      at += 1;
    } else if (QUOTE.test(line)) {
      blocks.push({ kind: "quote", parts: inlinesOf(QUOTE.exec(line)?.[1] ?? "") });
      at += 1;
    } else at = paragraph(lines, at, blocks);
  }
  return blocks;
}

function fenced(lines: readonly string[], start: number, blocks: Block[]): number {
  let end = start + 1;
  while (end < lines.length && !FENCE.test(lines[end] as string)) end += 1;
  blocks.push({ kind: "code", text: lines.slice(start + 1, end).join("\n") });
  return end + 1;
}

function listed(lines: readonly string[], start: number, mark: RegExp, blocks: Block[]): number {
  const items: Inline[][] = [];
  let at = start;
  for (let found = mark.exec(lines[at] ?? ""); found; found = mark.exec(lines[at] ?? "")) {
    items.push(inlinesOf(found[1] ?? ""));
    at += 1;
  }
  blocks.push({ kind: "list", ordered: mark === NUMBER, items });
  return at;
}

function paragraph(lines: readonly string[], start: number, blocks: Block[]): number {
  let end = start + 1;
  const ends = [FENCE, HEADING, QUOTE, BULLET, NUMBER];
  while (end < lines.length) {
    const line = lines[end] as string;
    if (!line.trim() || ends.some((each) => each.test(line))) break;
    end += 1;
  }
  blocks.push({ kind: "paragraph", parts: inlinesOf(lines.slice(start, end).join("\n")) });
  return end;
}

const CODE = /^`([^`\n]+)`/;
const BOLD = /^\*\*(\S(?:[^*]|\*(?!\*))*?)\*\*/;
const ITALIC = /^([*_])(\S[^*_\n]*?)\1(?![A-Za-z0-9])/;
const LINK = /^\[([^\]\n]{1,500})\]\(([^()\s]{1,2000})\)/;
const BARE = /^https?:\/\/[^\s<>"')\]]+/i;
const DEPTH = 3;

/** The inline marks of a text. Each mark is tried once at each place, so no text is slow. */
export function inlinesOf(text: string, depth = 0): Inline[] {
  const parts: Inline[] = [];
  let plain = "";
  let at = 0;
  const flush = () => {
    if (plain) parts.push({ kind: "text", text: plain });
    plain = "";
  };
  while (at < text.length) {
    const found = depth < DEPTH && STARTS.has(text[at] as string) ? mark(text, at, depth) : null;
    if (found) {
      flush();
      parts.push(found.part);
      at += found.length;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return parts;
}

const STARTS = new Set(["`", "*", "_", "[", "h", "H"]);
const LONGEST = 2600;

function mark(text: string, at: number, depth: number): { part: Inline; length: number } | null {
  const rest = text.slice(at, at + LONGEST);
  const inWord = at > 0 && /[A-Za-z0-9]/.test(text[at - 1] as string);
  const code = CODE.exec(rest);
  if (code) return { part: { kind: "code", text: code[1] as string }, length: code[0].length };
  const bold = BOLD.exec(rest);
  if (bold) return marked("bold", bold[0], bold[1] as string, depth);
  const italic = inWord ? null : ITALIC.exec(rest);
  if (italic) return marked("italic", italic[0], italic[2] as string, depth);
  const link = LINK.exec(rest);
  if (link) return linked(link[0], link[1] as string, link[2] as string, depth);
  const bare = inWord ? null : BARE.exec(rest);
  return bare ? linked(bare[0], bare[0], bare[0], DEPTH) : null;
}

function marked(kind: "bold" | "italic", whole: string, inner: string, depth: number) {
  return { part: { kind, parts: inlinesOf(inner, depth + 1) } as const, length: whole.length };
}

function linked(whole: string, words: string, target: string, depth: number) {
  const href = safeAddress(target);
  if (href === null) return null;
  return {
    part: { kind: "link", href, parts: inlinesOf(words, depth + 1) } as const,
    length: whole.length,
  };
}

const SAFE = new Set(["http:", "https:", "mailto:"]);

/** The address if it may be followed; null for any other scheme, however it is written. */
export function safeAddress(target: string): string | null {
  try {
    const url = new URL(target);
    return SAFE.has(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
