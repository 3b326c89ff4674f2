/** Names of tabs: whose unsaved work is whose, and which tabs are still open. */

type Memory = Pick<Storage, "getItem" | "setItem">;

const KEY = "treadle:tab";
const LOCK = "treadle:tab:";
/** After a reload the page before may hold the name for a moment. Tries of 50 ms. */
const TRIES = 6;

export interface Tab {
  readonly name: string;
  /** Whether another tab of this name is open now; null where the browser cannot tell. */
  isOpen(name: string): boolean | null;
}

/**
 * The name of this tab. It survives reloads; a tab that was duplicated gets one of its own,
 * because the browser copies the name too.
 */
export async function claimTab(memory: Memory, locks: LockManager | undefined): Promise<Tab> {
  const known = remembered(memory);
  if (!locks) return { name: known ?? renamed(memory), isOpen: () => null };
  const name = known !== null && (await held(locks, known, TRIES)) ? known : renamed(memory);
  if (name !== known) await held(locks, name, 1);
  const { held: open = [] } = await locks.query();
  const names = new Set(open.map((lock) => lock.name));
  return { name, isOpen: (other) => other !== name && names.has(LOCK + other) };
}

/** Hold the name as long as the page lives. False when another tab holds it. */
async function held(locks: LockManager, name: string, tries: number): Promise<boolean> {
  for (let left = tries; left > 0; left -= 1) {
    const got = await new Promise<boolean>((resolve) => {
      void locks.request(LOCK + name, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock && new Promise<void>(() => undefined);
      });
    });
    if (got) return true;
    if (left > 1) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

function remembered(memory: Memory): string | null {
  try {
    return memory.getItem(KEY);
  } catch {
    return null;
  }
}

function renamed(memory: Memory): string {
  const name = Math.random().toString(36).slice(2, 10);
  try {
    memory.setItem(KEY, name);
  } catch {
    // Then the name lives as long as the page, and so does what is kept under it.
  }
  return name;
}
