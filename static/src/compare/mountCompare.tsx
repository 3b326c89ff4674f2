/** The canvas of the page that compares two versions; the list of changes stands beside it. */
import { createRoot } from "react-dom/client";
import type { Change } from "../canvas/elements";
import type { ToolLook } from "../canvas/look";
import { DocumentError, toDocument } from "../model/document";
import { CompareCanvas } from "./CompareCanvas";
import { union } from "./union";
import "./compare.css";

export interface CompareBoot {
  readonly before: unknown;
  readonly after: unknown;
  readonly changes: {
    readonly nodes: Readonly<Record<string, Change>>;
    readonly edges: Readonly<Record<string, Change>>;
  };
  readonly tools: readonly ToolLook[];
}

export function mountCompare(element: HTMLElement, boot: unknown): void {
  const { before, after, changes, tools } = boot as CompareBoot;
  try {
    const document = union(toDocument(before), toDocument(after));
    const marks = {
      nodes: new Map(Object.entries(changes.nodes)),
      edges: new Map(Object.entries(changes.edges)),
    };
    const looks = new Map(tools.map((tool) => [tool.name, tool]));
    createRoot(element).render(<CompareCanvas document={document} changes={marks} tools={looks} />);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    // The list of changes says it all; a draft that is no graph has no picture.
    element.closest("section")?.remove();
  }
}
