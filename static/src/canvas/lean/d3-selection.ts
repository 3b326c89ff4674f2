/**
 * Stands in for the package `d3-selection`: what panning, zooming and dragging (`d3-zoom`, `d3-drag`,
 * React Flow) ask of it, which is listeners on one element at a time. Saves every canvas page 3 KB.
 */
type Listener = (this: unknown, event: Event, datum: unknown) => void;

interface Bound {
  readonly type: string;
  /** What tells listeners of one type apart: the part after the dot. */
  readonly name: string;
  readonly listener: Listener;
  readonly heard: (event: Event) => void;
  readonly options: AddEventListenerOptions | boolean | undefined;
}

type Target = EventTarget & Record<string, unknown>;

const bound = new WeakMap<EventTarget, Bound[]>();

class One {
  readonly #target: Target | null;

  constructor(target: Target | null) {
    this.#target = target;
  }

  node(): Target | null {
    return this.#target;
  }

  selection(): this {
    return this;
  }

  /** Nothing is ever under way: the camera glides by itself. */
  interrupt(): this {
    return this;
  }

  call(act: (selection: One, ...more: unknown[]) => void, ...more: unknown[]): this {
    act(this, ...more);
    return this;
  }

  each(act: (this: Target, datum: unknown, index: number, group: Target[]) => void): this {
    const target = this.#target;
    if (target) act.call(target, target.__data__, 0, [target]);
    return this;
  }

  filter(fits: (this: Target, datum: unknown, index: number, group: Target[]) => unknown): One {
    let stays = false;
    this.each(function (...given) {
      stays = Boolean(fits.apply(this, given));
    });
    return stays ? this : new One(null);
  }

  datum(): unknown {
    return this.#target?.__data__;
  }

  property(name: string): unknown;
  property(name: string, value: unknown): this;
  property(name: string, ...given: readonly unknown[]): unknown {
    if (given.length === 0) return this.#target?.[name];
    const [value] = given;
    return this.each(function (...arguments_) {
      this[name] = typeof value === "function" ? value.apply(this, arguments_) : value;
    });
  }

  style(name: string, value: string): this {
    (this.#target as Partial<HTMLElement> | null)?.style?.setProperty(name, value);
    return this;
  }

  /** Listen under names such as `wheel.zoom`; null stops; without a listener: the one there is. */
  on(names: string): Listener | undefined;
  on(names: string, listener: Listener | null, options?: Bound["options"]): this;
  on(
    names: string,
    ...given: readonly [listener?: Listener | null, options?: Bound["options"]]
  ): this | Listener | undefined {
    const wanted = names.trim().split(/\s+/).map(split);
    if (given.length === 0) return this.#find(wanted);
    const target = this.#target;
    if (!target) return this;
    const [listener, options] = given;
    for (const [type, name] of wanted) {
      release(target, type, name);
      if (listener) bind(target, type, name, listener, options);
    }
    return this;
  }

  #find(wanted: readonly (readonly [string, string])[]): Listener | undefined {
    const all = this.#target ? (bound.get(this.#target) ?? []) : [];
    return all.find((one) => wanted.some(([type, name]) => one.type === type && one.name === name))
      ?.listener;
  }
}

function split(word: string): readonly [type: string, name: string] {
  const dot = word.indexOf(".");
  return dot < 0 ? [word, ""] : [word.slice(0, dot), word.slice(dot + 1)];
}

function bind(
  target: Target,
  type: string,
  name: string,
  listener: Listener,
  options: Bound["options"],
): void {
  const heard = (event: Event) => listener.call(target, event, target.__data__);
  target.addEventListener(type, heard, options);
  bound.set(target, [...(bound.get(target) ?? []), { type, name, listener, heard, options }]);
}

/** Stop what listens under this name; an empty type stands for every type. */
function release(target: Target, type: string, name: string): void {
  const all = bound.get(target) ?? [];
  const goes = (one: Bound) => one.name === name && (type === "" || one.type === type);
  for (const one of all.filter(goes)) target.removeEventListener(one.type, one.heard, one.options);
  bound.set(
    target,
    all.filter((one) => !goes(one)),
  );
}

export function select(target: EventTarget): One {
  return new One(target as Target);
}

/** Where the pointer is, from the upper left corner of an element's inside. */
export function pointer(
  event: { readonly sourceEvent?: Event } & Partial<MouseEvent>,
  element: Element | EventTarget | null | undefined = event.currentTarget,
): [number, number] {
  let origin: typeof event = event;
  while (origin.sourceEvent) origin = origin.sourceEvent as typeof event;
  const [x, y] = [origin.clientX ?? 0, origin.clientY ?? 0];
  if (!(element instanceof Element)) return [x, y];
  const box = element.getBoundingClientRect();
  return [x - box.left - element.clientLeft, y - box.top - element.clientTop];
}
