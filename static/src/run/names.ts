import type { EdgeSpec, GraphDocument } from "../model/document";
import { titleOf } from "./words";

/** What steps are called where events name nodes and edges by their ids. */
export class Names {
  readonly #document: GraphDocument;
  #edges: ReadonlyMap<string, EdgeSpec> | null = null;

  constructor(document: GraphDocument) {
    this.#document = document;
  }

  step(node: string): string {
    return titleOf(this.#document, node);
  }

  /** The step that an edge comes from; the edge itself where the graph has it no more. */
  before(edge: string): string {
    this.#edges ??= new Map(this.#document.edges.map((each) => [each.id, each]));
    const from = this.#edges.get(edge)?.from;
    return from === undefined ? edge : this.step(from);
  }
}
