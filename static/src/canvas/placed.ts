import type { GraphDocument } from "../model/document";
import { layout } from "../model/layout";
import { placeNodes } from "../model/nodes";

/** Graphs made by programs have no places, or not for every node: those are laid out. */
export function placed(document: GraphDocument): GraphDocument {
  const complete = Object.keys(document.nodes).every((id) => document.layout?.[id]);
  if (complete) return document;
  return placeNodes(
    { ...document, layout: document.layout ?? {} },
    layout({ ...document, layout: {} }),
  );
}
