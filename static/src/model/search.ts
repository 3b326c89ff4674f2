/** Type-ahead over names: what starts with the text first, then word starts, then anything inside. */
export interface Found<T> {
  readonly item: T;
  readonly score: number;
}

/** Items that fit the text, the best first; all of them, in order, for an empty text. */
export function search<T>(
  items: readonly T[],
  text: string,
  words: (item: T) => readonly string[],
): T[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [...items];
  const scored = items.map((item) => ({ item, score: best(words(item), wanted) }));
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item);
}

/** Earlier words of an item weigh more: a name before a description. */
function best(words: readonly string[], wanted: string): number {
  return Math.max(0, ...words.map((word, index) => rate(word.toLowerCase(), wanted) - index * 10));
}

function rate(word: string, wanted: string): number {
  if (word === wanted) return 100;
  if (word.startsWith(wanted)) return 90;
  if (new RegExp(`[^a-z0-9]${literally(wanted)}`).test(word)) return 75;
  if (word.includes(wanted)) return 60;
  return wanted.length > 1 && inOrder(word, wanted) ? 35 : 0;
}

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Whether the letters appear in order, as "scq" in "score_quality"; only for names, not prose. */
function inOrder(word: string, wanted: string): boolean {
  if (word.length > 40) return false;
  let at = 0;
  for (const letter of word) if (letter === wanted[at]) at += 1;
  return at === wanted.length;
}
