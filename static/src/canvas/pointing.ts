/** Clicks and boxes on the canvas, turned into selections; from afar by our own hit test. */
import {
  type EdgeChange,
  type NodeChange,
  type NodeSelectionChange,
  useReactFlow,
} from "@xyflow/react";
import { type FocusEvent, type MouseEvent, useMemo, useRef } from "react";
import { indexOf } from "../model/boxes";
import type { GraphDocument } from "../model/document";
import { type Focus, NOTHING, type Selection, selectNode, toggleNode } from "../model/selection";
import type { StepElement, WireElement } from "./elements";

type Open = ((kind: "node" | "edge", id: string) => void) | undefined;

export function usePointing(
  document: GraphDocument,
  selection: Selection,
  far: boolean,
  onSelect: (selection: Selection) => void,
  onOpen: Open,
  onNodesMoved: (changes: readonly NodeChange<StepElement>[]) => void,
) {
  const latest = useRef({ document, selection, far, onSelect, onOpen });
  latest.current = { document, selection, far, onSelect, onOpen };
  const flow = useReactFlow();
  return useMemo(() => {
    /** Selections follow each other within one gesture, faster than the page renders. */
    const select = (next: Selection) => {
      latest.current.selection = next;
      latest.current.onSelect(next);
    };
    const choose = (kind: "node" | "edge", changes: readonly NodeSelectionChange[]) => {
      const next = withChanges(latest.current.selection, kind, changes);
      if (next !== latest.current.selection) select(next);
    };
    const hit = (event: MouseEvent) => {
      const { x, y } = flow.screenToFlowPosition(
        { x: event.clientX, y: event.clientY },
        { snapToGrid: false },
      );
      return latest.current.far ? indexOf(latest.current.document).at([x, y], 8) : null;
    };
    return {
      host: {
        onFocus(event: FocusEvent) {
          const id = (event.target as HTMLElement).dataset.node;
          const { selection: now } = latest.current;
          if (id && now.focus?.id !== id) select({ ...now, focus: { kind: "node", id } });
        },
      },
      flow: {
        onNodesChange(changes: NodeChange<StepElement>[]) {
          onNodesMoved(changes);
          choose(
            "node",
            changes.filter((change) => change.type === "select"),
          );
        },
        onEdgesChange(changes: EdgeChange<WireElement>[]) {
          choose(
            "edge",
            changes.filter((change) => change.type === "select"),
          );
        },
        onPaneClick(event: MouseEvent) {
          const id = hit(event);
          const more = event.shiftKey || event.ctrlKey || event.metaKey;
          if (id) select(more ? toggleNode(latest.current.selection, id) : selectNode(id));
          else if (latest.current.far) select(NOTHING);
          const pane = event.target as Element;
          pane.closest<HTMLElement>(".canvas__host")?.focus({ preventScroll: true });
        },
        onNodeDoubleClick: (_: unknown, node: StepElement) =>
          latest.current.onOpen?.("node", node.id),
        onEdgeDoubleClick: (_: unknown, edge: WireElement) =>
          latest.current.onOpen?.("edge", edge.id),
      },
    };
  }, [flow, onNodesMoved]);
}

function withChanges(
  selection: Selection,
  kind: "node" | "edge",
  changes: readonly NodeSelectionChange[],
): Selection {
  const part = kind === "node" ? "nodes" : "edges";
  const ids = new Set(selection[part]);
  let focus: Focus | null = selection.focus;
  for (const { id, selected } of changes) {
    if (selected === ids.has(id)) continue;
    if (selected) {
      ids.add(id);
      focus = { kind, id };
    } else {
      ids.delete(id);
      if (focus?.kind === kind && focus.id === id) focus = null;
    }
  }
  const same = ids.size === selection[part].size && [...ids].every((id) => selection[part].has(id));
  return same ? selection : { ...selection, [part]: ids, focus };
}
