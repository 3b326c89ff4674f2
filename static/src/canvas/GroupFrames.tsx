/** Frames around the groups that are open, under the steps. Their titles are what one takes hold of. */
import { useStoreApi, ViewportPortal } from "@xyflow/react";
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactElement,
  useContext,
  useLayoutEffect,
  useMemo,
  useRef,
} from "react";
import type { GraphDocument, Point } from "../model/document";
import { frameOf, type Group, groupName, groupsOf, moveNodes } from "../model/groups";
import { GRID } from "../model/nodes";
import { type Selection, selectGroup } from "../model/selection";
import { markOf, unfold } from "../model/shown";
import { t } from "../words/t";
import { CanvasContext } from "./context";
import { steps } from "./GroupNode";
import { Icon } from "./icons";

/** What can be done with groups; null where a canvas only shows them. */
export interface GroupEditing {
  onRename(group: string): void;
  onDissolve(group: string): void;
}

interface Props {
  readonly document: GraphDocument;
  readonly selection: Selection;
  /** Places of what is being dragged. */
  readonly dragged: ReadonlyMap<string, Point> | null;
  readonly editing: GroupEditing | null;
  readonly onSelect: (selection: Selection) => void;
  readonly onToggle: (group: string) => void;
  readonly onDrag: (places: ReadonlyMap<string, Point>) => void;
  readonly onDrop: (places: ReadonlyMap<string, Point> | null) => void;
}

export function GroupFrames(props: Props): ReactElement | null {
  const { document, dragged } = props;
  // Frames are drawn as they would lie if what is dragged were dropped here.
  const moved = useMemo(
    () => (dragged ? moveNodes(document, unfold(document, dragged)) : document),
    [document, dragged],
  );
  const open = [...groupsOf(moved)].filter(([, group]) => !group.collapsed);
  if (open.length === 0) return null;
  return (
    <ViewportPortal>
      <div className="frames">
        {open.map(([id, group]) => (
          <Frame key={id} {...props} id={id} group={group} moved={moved} />
        ))}
      </div>
    </ViewportPortal>
  );
}

interface FrameProps extends Props {
  readonly id: string;
  readonly group: Group;
  readonly moved: GraphDocument;
}

function Frame(props: FrameProps): ReactElement | null {
  const { id, group, moved, document, selection, editing } = props;
  const frame = frameOf(moved, group.nodes);
  const drag = useDragging(props);
  const { register } = useContext(CanvasContext);
  const ref = useRef<HTMLElement>(null);
  useLayoutEffect(() => register(markOf(id), ref.current), [id, register]);
  if (!frame) return null;
  const { x, y, width, height } = frame;
  const name = groupName(group);
  const whole = group.nodes.every((node) => selection.nodes.has(node));
  const select = () => props.onSelect(selectGroup(document, id));
  return (
    <section
      ref={ref}
      className={whole ? "frame frame--selected" : "frame"}
      style={{ left: x, top: y, width, height }}
      data-group={id}
      aria-label={t("Group: {name}, {steps}", { name, steps: steps(group.nodes.length) })}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a group is read, moved and closed by keyboard
      tabIndex={0}
      onFocus={(event) => {
        if (event.target === event.currentTarget && !whole) select();
      }}
      onKeyDown={(event) => frameKey(event, props)}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: what the mouse does here, keys do on the frame */}
      <header
        className="frame__head nodrag nopan"
        title={editing ? t("Drag to move the group") : undefined}
        onDoubleClick={() => editing?.onRename(id)}
        {...drag}
      >
        <button
          type="button"
          className="frame__button"
          tabIndex={-1}
          aria-expanded={true}
          title={t("Close the group to one box (Enter)")}
          onClick={() => props.onToggle(id)}
        >
          <Icon name="chevronDown" size={14} />
          <span className="visually-hidden">{t("Close the group {name}", { name })}</span>
        </button>
        <span className="frame__title">{name}</span>
        <span className="frame__count">{steps(group.nodes.length)}</span>
        {editing && (
          <button
            type="button"
            className="frame__button frame__button--more"
            tabIndex={-1}
            title={t("Ungroup (Ctrl+Shift+G)")}
            onClick={() => editing.onDissolve(id)}
          >
            <Icon name="close" size={12} />
            <span className="visually-hidden">{t("Ungroup {name}", { name })}</span>
          </button>
        )}
      </header>
    </section>
  );
}

function frameKey(event: KeyboardEvent, { id, editing, onToggle }: FrameProps): void {
  if (event.target !== event.currentTarget) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.key === "Enter") onToggle(id);
  else if (event.key === "F2" && editing) editing.onRename(id);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Dragging a frame by its title moves the nodes in it; one edit when it is let go. */
function useDragging(props: FrameProps) {
  const store = useStoreApi();
  const start = useRef<Point | null>(null);
  const latest = useRef<ReadonlyMap<string, Point> | null>(null);
  const { id, group, document, editing } = props;
  const end = (keep: boolean) => {
    if (start.current) props.onDrop(keep ? latest.current : null);
    start.current = null;
    latest.current = null;
  };
  return {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (event.button !== 0 || (event.target as Element).closest("button")) return;
      event.stopPropagation();
      event.currentTarget.closest<HTMLElement>(".frame")?.focus({ preventScroll: true });
      props.onSelect(selectGroup(document, id));
      if (!editing) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      start.current = [event.clientX, event.clientY];
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      const from = start.current;
      if (!from) return;
      const zoom = store.getState().transform[2];
      const step = (moved: number) => Math.round(moved / zoom / GRID) * GRID;
      const [dx, dy] = [step(event.clientX - from[0]), step(event.clientY - from[1])];
      if (!latest.current && dx === 0 && dy === 0) return;
      latest.current = new Map(
        group.nodes.map((node) => {
          const [x, y] = document.layout[node] ?? [0, 0];
          return [node, [x + dx, y + dy] as Point];
        }),
      );
      props.onDrag(latest.current);
    },
    onPointerUp: () => end(true),
    onPointerCancel: () => end(false),
  };
}
