/** Where unsaved work is put down in this browser: values by name, all or nothing. */
export interface Shelf {
  /** All that is kept under names that begin so, in the order of the names. */
  list(prefix: string): Promise<readonly (readonly [name: string, value: unknown])[]>;
  /** Drop what is under these prefixes, then keep these values; rejects when nothing was done. */
  write(change: ShelfChange): Promise<void>;
}

export interface ShelfChange {
  readonly drop?: readonly string[];
  readonly keep?: readonly (readonly [name: string, value: unknown])[];
}

/** The first name after all that begin with this prefix. */
export function endOf(prefix: string): string {
  return `${prefix}\uffff`;
}
