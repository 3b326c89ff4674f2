import { createContext } from "react";

/** What nodes and edges of a canvas need from it. Stable for the life of the canvas. */
export interface CanvasLinks {
  /** Tell the canvas where a node's element is; gives the function that forgets it. */
  register(id: string, element: HTMLElement | null): () => void;
  /** A label on an edge was clicked. */
  openEdge(id: string): void;
  /** The + in the middle of an edge was clicked. */
  insertInto(id: string): void;
  /** The count of rounds at a step was clicked. */
  openRounds(id: string): void;
  /** The box of a collapsed group is to be opened. */
  openGroup(id: string): void;
}

export const CanvasContext = createContext<CanvasLinks>({
  register: () => () => undefined,
  openEdge: () => undefined,
  insertInto: () => undefined,
  openRounds: () => undefined,
  openGroup: () => undefined,
});
