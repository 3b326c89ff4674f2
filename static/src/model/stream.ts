/** What lies before or after nodes, along the edges. */
import type { GraphDocument } from "./document";

/** The nodes themselves and all that can be reached from them, or that they can be reached from. */
export function stream(
  document: GraphDocument,
  from: Iterable<string>,
  down: boolean,
): ReadonlySet<string> {
  const next = new Map<string, string[]>();
  for (const edge of document.edges) {
    const [here, there] = down ? [edge.from, edge.to] : [edge.to, edge.from];
    const list = next.get(here);
    if (list) list.push(there);
    else next.set(here, [there]);
  }
  const found = new Set(from);
  const open = [...found];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const there of next.get(id) ?? []) {
      if (found.has(there)) continue;
      found.add(there);
      open.push(there);
    }
  }
  return found;
}
