/** So many items stand in a piece. */
const SIZE = 64;

/** Which piece an item of the list is in, and its place there. */
export const pieceOf = (index: number): number => Math.floor(index / SIZE);
export const placeOf = (index: number): number => index % SIZE;

/**
 * A long list in pieces, kept from one state of it to the next: a piece in which nothing changed is
 * the very piece of before, so that a list of thousands is drawn anew where it changed and not whole.
 */
export class Pieces<T> {
  #pieces: readonly (readonly T[])[] = [];

  update(list: readonly T[]): readonly (readonly T[])[] {
    const made: (readonly T[])[] = [];
    for (let from = 0; from < list.length; from += SIZE) {
      const old = this.#pieces[made.length];
      const same = old !== undefined && stands(old, list, from);
      made.push(same ? old : list.slice(from, from + SIZE));
    }
    this.#pieces = made;
    return made;
  }
}

function stands<T>(piece: readonly T[], list: readonly T[], from: number): boolean {
  if (piece.length !== Math.min(SIZE, list.length - from)) return false;
  return piece.every((item, index) => item === list[from + index]);
}
