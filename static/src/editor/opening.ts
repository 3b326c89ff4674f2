/** Opening an editor in this browser: its journal, its other tabs, and what was left unsaved. */
import type { EditorBoot } from "./boot";
import { openIndexedShelf } from "./journal/indexedShelf";
import { Journal } from "./journal/journal";
import { openLastingShelf } from "./journal/lastingShelf";
import type { Shelf } from "./journal/shelf";
import { claimTab, type Tab } from "./journal/tabs";
import { openWebShelf } from "./journal/webShelf";
import { Session } from "./session";
import { openChannel } from "./siblings";

export async function openSession(boot: EditorBoot): Promise<Session> {
  const tab = await claimTab(
    storage(() => sessionStorage),
    navigator.locks,
  );
  const owner = `${encodeURIComponent(boot.user.name)}/${boot.workflow.id}`;
  const journal = new Journal(await openShelf(), owner, tab.name);
  const left = boot.workflow.can_edit ? await journal.find() : [];
  const found = worthRestoring(left, tab);
  return new Session(boot, {
    journal,
    channel: openChannel(owner),
    found: found && {
      left: found,
      sure: found.tab === tab.name || tab.isOpen(found.tab) === false,
    },
    now: () => performance.now(),
    later: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  });
}

/** This tab's own work, else the youngest of a tab that is not open any more. */
function worthRestoring<T extends { readonly tab: string }>(
  left: readonly T[],
  tab: Tab,
): T | null {
  const own = left.find((each) => each.tab === tab.name);
  return own ?? left.find((each) => tab.isOpen(each.tab) !== true) ?? null;
}

async function openShelf(): Promise<Shelf> {
  const web = storage(() => localStorage);
  try {
    const shelf = openLastingShelf(await openIndexedShelf(indexedDB), web);
    window.addEventListener("pagehide", shelf.leave);
    window.addEventListener("pageshow", shelf.stay);
    return shelf;
  } catch {
    return openWebShelf(web);
  }
}

/** A browser that forbids storage throws as soon as it is named; then nothing can be kept. */
function storage(open: () => Storage): Storage {
  try {
    return open();
  } catch {
    return CLOSED;
  }
}

const refuse = (): never => {
  throw new DOMException("This browser forbids storage.", "SecurityError");
};
const CLOSED: Storage = {
  get length() {
    return refuse();
  },
  key: refuse,
  getItem: refuse,
  setItem: refuse,
  removeItem: refuse,
  clear: refuse,
};
