/** So many entries may differ from the shared ones before those are copied. */
const MOST_OVER = 64;

/**
 * Values by name, never changed. One that was made of another shares all but what was touched, so
 * that an event of a run copies the few entries of late and not thousands.
 */
export class Keyed<T> {
  readonly #shared: ReadonlyMap<string, T>;
  readonly #over: ReadonlyMap<string, T>;

  constructor(
    shared: ReadonlyMap<string, T> = new Map(),
    over: ReadonlyMap<string, T> = new Map(),
  ) {
    this.#shared = shared;
    this.#over = over;
  }

  get(id: string): T | undefined {
    return this.#over.get(id) ?? this.#shared.get(id);
  }

  /** With these entries; the same object for none. */
  with(touched: ReadonlyMap<string, T>): Keyed<T> {
    if (touched.size === 0) return this;
    const over = new Map([...this.#over, ...touched]);
    if (over.size <= MOST_OVER) return new Keyed(this.#shared, over);
    return new Keyed(new Map([...this.#shared, ...over]));
  }

  /** Every entry once, those that came first in front. */
  *entries(): Generator<[string, T]> {
    for (const [id, value] of this.#shared) yield [id, this.#over.get(id) ?? value];
    for (const [id, value] of this.#over) if (!this.#shared.has(id)) yield [id, value];
  }

  /** Names whose values are not the very same in another. */
  differing(other: Keyed<T>): string[] {
    if (other === this) return [];
    const ids =
      other.#shared === this.#shared
        ? new Set([...this.#over.keys(), ...other.#over.keys()])
        : new Set([...names(this), ...names(other)]);
    return [...ids].filter((id) => this.get(id) !== other.get(id));
  }
}

function* names(of: Keyed<unknown>): Generator<string> {
  for (const [id] of of.entries()) yield id;
}
