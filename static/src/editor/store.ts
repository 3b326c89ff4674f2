/** A value that can be watched. React reads it with `useStore`. */
export class Store<T extends object> {
  #value: T;
  readonly #watchers = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get = (): T => this.#value;

  set(patch: Partial<T>): void {
    this.#value = { ...this.#value, ...patch };
    for (const watcher of this.#watchers) watcher();
  }

  subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };
}
