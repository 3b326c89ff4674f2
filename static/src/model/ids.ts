import type { GraphDocument } from "./document";

/** A readable id from any text: "HTTP request!" -> "http_request". */
export function slug(text: string): string {
  const cleaned = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 48);
  return /^[a-z]/.test(cleaned) ? cleaned : cleaned ? `n_${cleaned}` : "node";
}

/** `base`, or `base_2`, `base_3` … : the first that `taken` does not hold. */
export function freshId(base: string, taken: (id: string) => boolean): string {
  if (!taken(base)) return base;
  for (let n = 2; ; n += 1) {
    const id = `${base}_${n}`;
    if (!taken(id)) return id;
  }
}

export function freshNodeId(document: GraphDocument, base: string): string {
  return freshId(slug(base), (id) => Object.hasOwn(document.nodes, id));
}

/** The next free edge id `e1`, `e2`, … */
export function freshEdgeId(edges: readonly { readonly id: string }[]): string {
  const taken = new Set(edges.map((edge) => edge.id));
  let n = edges.length + 1;
  while (taken.has(`e${n}`)) n += 1;
  return `e${n}`;
}
