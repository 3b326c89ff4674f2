/** Clicks and boxes on the canvas, turned into selections; from afar by our own hit test. */
import {
  type EdgeChange,
  type NodeChange,
  type NodeSelectionChange,
  useReactFlow,
  useStoreApi,
} from "@xyflow/react";
import { type FocusEvent, type MouseEvent, useEffect, useMemo, useRef } from "react";
import { indexOf } from "../model/boxes";
import type { GraphDocument } from "../model/document";
import {
  type Focus,
  NOTHING,
  type Selection,
  selectGroup,
  selectNode,
  toggleNode,
} from "../model/selection";
import { groupOfMark, markOf, nodesBehind, standFor } from "../model/shown";
import type { BoxElement, WireElement } from "./elements";

type Open = ((kind: "node" | "edge", id: string) => void) | undefined;

export function usePointing(
  document: GraphDocument,
  selection: Selection,
  far: boolean,
  onSelect: (selection: Selection) => void,
  onOpen: Open,
  onToggleGroup: ((group: string) => void) | undefined,
  onNodesMoved: (changes: readonly NodeChange<BoxElement>[]) => void,
  gathering: boolean,
) {
  const now = { document, selection, far, onSelect, onOpen, onToggleGroup, gathering };
  const latest = useRef(now);
  latest.current = now;
  const flow = useReactFlow();
  // What the library does while Ctrl is down.
  const store = useStoreApi();
  useEffect(() => store.setState({ multiSelectionActive: gathering }), [store, gathering]);
  return useMemo(() => {
    /** Selections follow each other within one gesture, faster than the page renders. */
    const select = (next: Selection) => {
      latest.current.selection = next;
      latest.current.onSelect(next);
    };
    const choose = (kind: "node" | "edge", changes: readonly NodeSelectionChange[]) => {
      const { document: now } = latest.current;
      const next = withChanges(now, latest.current.selection, kind, changes);
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
      /** The step that is painted at the pointer; null near by, where steps are elements. */
      paintedAt(event: MouseEvent): string | null {
        const onPaper = (event.target as Element).closest(".react-flow__pane") !== null;
        const id = onPaper ? hit(event) : null;
        return id !== null && groupOfMark(id) === null ? id : null;
      },
      host: {
        onFocus(event: FocusEvent) {
          const { node, group } = (event.target as HTMLElement).dataset;
          const { selection: now, document: shown } = latest.current;
          if (node && now.focus?.id !== node) select({ ...now, focus: { kind: "node", id: node } });
          else if (group && !isAbout(now.focus, shown, group)) select(selectGroup(shown, group));
        },
      },
      flow: {
        onNodesChange(changes: NodeChange<BoxElement>[]) {
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
          const more = adds(event) || latest.current.gathering;
          const group = id && groupOfMark(id);
          if (group) select(selectGroup(latest.current.document, group));
          else if (id) select(more ? toggleNode(latest.current.selection, id) : selectNode(id));
          else if (latest.current.far) select(NOTHING);
          const pane = event.target as Element;
          pane.closest<HTMLElement>(".canvas__host")?.focus({ preventScroll: true });
        },
        /** A click on one of several selected nodes is about that one; a drag moves them all. */
        onNodeClick(event: MouseEvent, node: BoxElement) {
          if (adds(event) || latest.current.gathering) return;
          const group = groupOfMark(node.id);
          if (group !== null) select(selectGroup(latest.current.document, group));
          else if (latest.current.selection.nodes.size > 1) select(selectNode(node.id));
        },
        onNodeDoubleClick(_: unknown, node: BoxElement) {
          const group = groupOfMark(node.id);
          if (group === null) latest.current.onOpen?.("node", node.id);
          else latest.current.onToggleGroup?.(group);
        },
        onEdgeDoubleClick: (_: unknown, edge: WireElement) =>
          latest.current.onOpen?.("edge", edge.id),
      },
    };
  }, [flow, onNodesMoved]);
}

const adds = ({ shiftKey, ctrlKey, metaKey }: MouseEvent) => shiftKey || ctrlKey || metaKey;

/** Whether what has the keyboard is a group, or a step of it that is not drawn. */
function isAbout(focus: Focus | null, document: GraphDocument, group: string): boolean {
  if (focus?.kind === "node") return standFor(document, focus.id) === markOf(group);
  return focus?.kind === "group" && focus.id === group;
}

function withChanges(
  document: GraphDocument,
  selection: Selection,
  kind: "node" | "edge",
  changes: readonly NodeSelectionChange[],
): Selection {
  const part = kind === "node" ? "nodes" : "edges";
  const ids = new Set(selection[part]);
  let focus: Focus | null = selection.focus;
  for (const { id, selected } of changes) {
    const group = groupOfMark(id);
    const behind = nodesBehind(document, id);
    const here: Focus = group === null ? { kind, id } : { kind: "group", id: group };
    if (behind.every((each) => ids.has(each) === selected)) continue;
    for (const each of behind) selected ? ids.add(each) : ids.delete(each);
    if (selected) focus = here;
    else if (focus?.kind === here.kind && focus.id === here.id) focus = null;
  }
  const same = ids.size === selection[part].size && [...ids].every((id) => selection[part].has(id));
  return same ? selection : { ...selection, [part]: ids, focus };
}
