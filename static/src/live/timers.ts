import type { LinkPorts } from "./ports";

/** Named one-shot timers: setting a name again replaces what it waited for. */
export class Timers<Name extends string> {
  readonly #ports: Pick<LinkPorts, "after">;
  readonly #running = new Map<Name, () => void>();

  constructor(ports: Pick<LinkPorts, "after">) {
    this.#ports = ports;
  }

  set(name: Name, ms: number, callback: () => void): void {
    this.clear(name);
    const cancel = this.#ports.after(ms, () => {
      this.#running.delete(name);
      callback();
    });
    this.#running.set(name, cancel);
  }

  has(name: Name): boolean {
    return this.#running.has(name);
  }

  clear(name: Name): void {
    this.#running.get(name)?.();
    this.#running.delete(name);
  }

  clearAll(): void {
    for (const cancel of this.#running.values()) cancel();
    this.#running.clear();
  }
}
