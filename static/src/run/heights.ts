/**
 * Heights of many rows, most of them guessed, with the offset of any row and the row at any offset
 * in logarithmic time (a Fenwick tree). Rows are added at the end; one height can be corrected.
 */
export class Heights {
  readonly #guess: number;
  #own: number[] = [];
  #tree: number[] = [0];

  /** `guess` is the height of a row nobody measured, in pixels. */
  constructor(guess: number) {
    this.#guess = guess;
  }

  get count(): number {
    return this.#own.length;
  }

  get total(): number {
    return this.offset(this.count);
  }

  /** Grow or shrink to so many rows. */
  resize(count: number): void {
    if (count < this.count) this.#rebuild(this.#own.slice(0, count));
    while (this.count < count) this.#push(this.#guess);
  }

  /** Correct the height of one row; the answer is by how much it changed. */
  set(index: number, height: number): number {
    const change = height - (this.#own[index] ?? height);
    if (change === 0) return 0;
    this.#own[index] = height;
    for (let at = index + 1; at < this.#tree.length; at += at & -at) {
      this.#tree[at] = (this.#tree[at] ?? 0) + change;
    }
    return change;
  }

  /** Pixels above a row. */
  offset(index: number): number {
    let sum = 0;
    for (let at = Math.min(index, this.count); at > 0; at -= at & -at) sum += this.#tree[at] ?? 0;
    return sum;
  }

  /** The row that covers a place, or the nearest one. */
  indexAt(pixels: number): number {
    let at = 0;
    let rest = pixels;
    for (let step = highestBit(this.count); step > 0; step >>= 1) {
      const next = at + step;
      const size = this.#tree[next];
      if (size !== undefined && next <= this.count && size <= rest) {
        at = next;
        rest -= size;
      }
    }
    return Math.max(0, Math.min(at, this.count - 1));
  }

  #push(height: number): void {
    this.#own.push(height);
    const at = this.#own.length;
    const low = at & -at;
    let sum = height;
    for (let child = at - 1; child > at - low; child -= child & -child) {
      sum += this.#tree[child] ?? 0;
    }
    this.#tree.push(sum);
  }

  #rebuild(heights: readonly number[]): void {
    this.#own = [];
    this.#tree = [0];
    for (const height of heights) this.#push(height);
  }
}

function highestBit(count: number): number {
  return count < 1 ? 0 : 2 ** Math.floor(Math.log2(count));
}
