/** Whether this person has put the hints away, kept in this browser. */

const KEY = "treadle.hints";

type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** True where storage is off too: hints that cannot be put away would come back each time. */
export function hintsSeen(shelf: () => Shelf = () => localStorage): boolean {
  try {
    return shelf().getItem(KEY) === "seen";
  } catch {
    return true;
  }
}

export function keepHintsSeen(seen: boolean, shelf: () => Shelf = () => localStorage): void {
  try {
    if (seen) shelf().setItem(KEY, "seen");
    else shelf().removeItem(KEY);
  } catch {
    // Only this page remembers it then.
  }
}
