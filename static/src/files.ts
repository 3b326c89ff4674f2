/**
 * Built files have hashed names that only Django knows: a page carries the addresses of those it
 * may load later. `build/laterFile.ts` writes code that asks here.
 */
interface Files {
  /** Where a file is; asks anew after a failure, because browsers remember that an import failed. */
  address(name: string): string;
  /** What the page's main file hands over to the file that comes later. */
  shared: object;
}

declare global {
  var treadle: Files;
}

/** Tell where the later files are: `urls` by the file's name. */
export function knowFiles(urls: Readonly<Record<string, string>>): void {
  const asked = new Map<string, number>();
  globalThis.treadle.address = (name) => {
    const url = urls[name];
    if (!url) throw new Error(`The page does not say where ${name} is.`);
    const turn = asked.get(name) ?? 0;
    asked.set(name, turn + 1);
    return turn ? `${url}?turn=${turn}` : url;
  };
}

globalThis.treadle = {
  address: (name) => {
    throw new Error(`${name} was asked for before the page said where it is.`);
  },
  shared: {},
};
