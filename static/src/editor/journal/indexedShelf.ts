/** The shelf in IndexedDB: it holds much, survives a crash, and does not block the page. */
import { endOf, type Shelf, type ShelfChange } from "./shelf";

const DATABASE = "treadle";
const STORE = "unsaved";
/** A browser may leave the opening unanswered for ever. Milliseconds. */
const PATIENCE = 2000;

/** Open it. Rejects where the browser refuses: in some private windows, or when its disk is full. */
export async function openIndexedShelf(factory: IDBFactory): Promise<Shelf> {
  const database = await opened(factory);
  // Another tab wants a newer layout; its journal must not wait for this one.
  database.onversionchange = () => database.close();
  return {
    async list(prefix) {
      const store = database.transaction(STORE, "readonly").objectStore(STORE);
      const range = IDBKeyRange.bound(prefix, endOf(prefix), false, true);
      const [names, values] = await Promise.all([
        answer(store.getAllKeys(range)),
        answer(store.getAll(range)),
      ]);
      return names.map((name, i) => [String(name), values[i] as unknown] as const);
    },
    write: (change) => written(database, change),
  };
}

function opened(factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = factory.open(DATABASE, 1);
    const timer = setTimeout(() => reject(new Error("IndexedDB does not answer.")), PATIENCE);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => {
      clearTimeout(timer);
      resolve(asked.result);
    };
    asked.onerror = () => {
      clearTimeout(timer);
      reject(asked.error);
    };
  });
}

/** One transaction. Those of one store are done in the order in which they were begun. */
function written(database: IDBDatabase, { drop = [], keep = [] }: ShelfChange): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, "readwrite");
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
    const store = transaction.objectStore(STORE);
    for (const prefix of drop) {
      store.delete(IDBKeyRange.bound(prefix, endOf(prefix), false, true));
    }
    for (const [name, value] of keep) store.put(value, name);
    // It would wait for this page to take in that all of it is stored; the page may be gone by then.
    transaction.commit();
  });
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
