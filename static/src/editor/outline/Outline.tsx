import { type KeyboardEvent, type ReactElement, useEffect, useMemo, useRef, useState } from "react";
import { isTyping } from "../../canvas/keys";
import { search } from "../../model/search";
import { nodeStates } from "../../run/canvasStates";
import { t } from "../../words/t";
import { useEditor, useSession } from "../hooks";
import { canvasKey } from "../keys";
import type { Session } from "../session";
import { editRow, goToRow } from "./editRow";
import { StepItem, useMarks, WayItem } from "./items";
import { moveWay, OutlineTools } from "./OutlineTools";
import { currentRow, type Row, rowBy, rowsOf, stepKey } from "./rows";
import { useSeenRows } from "./useSeenRows";

/** So many steps and more are folded at first. */
const MANY = 300;

/** The whole workflow as a tree: everything that the canvas can do, in the order of a run. */
export function Outline(): ReactElement {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const selection = useEditor((state) => state.selection);
  const connecting = useEditor((state) => state.connecting);
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const [renaming, setRenaming] = useState<string | null>(null);
  const many = Object.keys(document.nodes).length > MANY;
  const rows = useMemo(
    () => rowsOf(document, (id) => turned.has(id) !== many),
    [document, turned, many],
  );
  const current = currentRow(rows, selection);
  const tree = useRef<HTMLDivElement>(null);
  const marks = useMarks();
  const run = useEditor((state) => state.run);
  const states = useMemo(() => run && nodeStates(run.view, document), [run, document]);
  const typed = useTyped();
  const seen = useSeenRows(tree, rows, current);
  useRowFocus(tree, current, rows);

  const fold = (id: string) =>
    setTurned((old) =>
      old.has(id) ? new Set([...old].filter((each) => each !== id)) : new Set([...old, id]),
    );

  const onKeyDown = (event: KeyboardEvent) => {
    if (isTyping(event.target)) return;
    const own = connecting
      ? connectRow(session, rows, event)
      : treeKey({ session, rows, current, fold, rename: setRenaming, typed }, event);
    if (!own && !canvasKey(session, event)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <section
      className="outliner"
      aria-label={t("Outline")}
      // Neither a click nor a wheel here is for the canvas below.
      onPointerDown={(event) => event.stopPropagation()}
      onDoubleClick={(event) => event.stopPropagation()}
      onWheel={(event) => event.stopPropagation()}
    >
      <OutlineTools current={current} renaming={renaming} onRenaming={setRenaming} />
      {rows.length === 0 ? (
        <p className="outliner__empty">
          {t("This workflow has no steps yet. N adds the first one.")}
        </p>
      ) : (
        <div
          ref={tree}
          className="outliner__tree"
          role="tree"
          aria-label={t("Steps and the ways between them")}
          onKeyDown={onKeyDown}
        >
          <div className="outliner__rows" style={{ height: seen.total }}>
            {seen.rows.map((place) => {
              const { row } = place;
              return row.kind === "step" ? (
                <StepItem
                  key={row.key}
                  row={row}
                  place={place}
                  current={row === current}
                  candidate={connecting?.candidate === row.id}
                  problems={marks.get(stepKey(row.id))}
                  state={states?.[row.id]}
                  onFold={() => fold(row.id)}
                />
              ) : (
                <WayItem
                  key={row.key}
                  row={row}
                  place={place}
                  current={row === current}
                  problems={marks.get(row.key)}
                />
              );
            })}
          </div>
        </div>
      )}
    </section>
  );
}

// Keys --------------------------------------------------------------------------------------------

interface Tree {
  readonly session: Session;
  readonly rows: readonly Row[];
  readonly current: Row | null;
  readonly fold: (id: string) => void;
  readonly rename: (id: string) => void;
  readonly typed: (key: string) => string;
}

/** What a key means in the tree. The others are those of the canvas: N, C, D, E, Delete, Ctrl+Z … */
function treeKey(tree: Tree, event: KeyboardEvent): boolean {
  const { session, rows, current } = tree;
  const { key, altKey, shiftKey } = event;
  if (event.ctrlKey || event.metaKey) return false;
  if (altKey) {
    const by = key === "ArrowUp" ? -1 : key === "ArrowDown" ? 1 : 0;
    if (by) moveWay(session, current, by);
    return by !== 0;
  }
  if (shiftKey && key.length > 1) return false;
  if (current?.kind === "step" && key === "ArrowRight" && current.ways > 0 && !current.open) {
    tree.fold(current.id);
    return true;
  }
  if (current?.kind === "step" && key === "ArrowLeft" && current.open) {
    tree.fold(current.id);
    return true;
  }
  if (key.startsWith("Arrow") || key === "Home" || key === "End") {
    const next = rowBy(rows, current, key);
    if (next) goToRow(session, next);
    return true;
  }
  if (key === "Enter") {
    editRow(session, current);
    return true;
  }
  if (key === "F2") {
    if (current?.kind === "step" && session.mayEdit()) tree.rename(current.id);
    return true;
  }
  if (key === "*" || key === " ") return key === " ";
  return seek(tree, key);
}

/** Letters that no command has look for a step by its name, as they do in any tree. */
function seek({ session, rows, typed }: Tree, key: string): boolean {
  if (key.length !== 1 || /^[ncdeiolphvNCDEIOLPHV/?.1+0-]$/.test(key)) return false;
  const wanted = typed(key);
  const steps = rows.filter((row) => row.kind === "step");
  const title = (id: string) => session.document.nodes[id]?.title ?? id;
  const [found] = search(steps, wanted, (row) => [title(row.id), row.id]);
  if (found) goToRow(session, found);
  return found !== undefined;
}

/** Up and down choose the target while connecting; names and Enter are those of connect mode. */
function connectRow(session: Session, rows: readonly Row[], event: KeyboardEvent): boolean {
  const { connecting } = session.state;
  const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (!connecting || by === 0) return false;
  const steps = rows.filter((row) => row.kind === "step");
  const at = steps.findIndex((row) => row.id === connecting.candidate);
  const next = steps[Math.max(0, Math.min(steps.length - 1, at + by))];
  if (!next) return true;
  session.store.set({ connecting: { ...connecting, candidate: next.id, typed: "" } });
  session.say(session.document.nodes[next.id]?.title ?? next.id);
  return true;
}

const TYPED_MS = 700;

/** Letters typed soon after each other are one word. */
function useTyped(): (key: string) => string {
  const last = useRef({ text: "", at: 0 });
  return (key) => {
    const now = performance.now();
    const text = now - last.current.at < TYPED_MS ? last.current.text + key : key;
    last.current = { text, at: now };
    return text;
  };
}

// Focus -------------------------------------------------------------------------------------------

/** The keyboard goes where the session asks, along with the selection, and never gets lost. */
function useRowFocus(
  tree: { readonly current: HTMLElement | null },
  current: Row | null,
  rows: readonly Row[],
): void {
  const request = useEditor((state) => state.focusRequest);
  const held = useRef(false);
  const key = current?.key ?? null;
  const find = () =>
    key === null
      ? null
      : tree.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`);
  useEffect(() => {
    const home = tree.current;
    if (!home) return;
    const inside = () => {
      held.current = true;
    };
    const out = (event: FocusEvent) => {
      if (event.relatedTarget) held.current = home.contains(event.relatedTarget as Node);
    };
    home.addEventListener("focusin", inside);
    home.addEventListener("focusout", out);
    return () => {
      home.removeEventListener("focusin", inside);
      home.removeEventListener("focusout", out);
    };
  });
  // A request is for whoever shows the steps: here that is the row.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each request moves the keyboard anew
  useEffect(() => {
    find()?.focus();
  }, [request]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows that went may have had the keyboard
  useEffect(() => {
    if (held.current) find()?.focus();
    find()?.scrollIntoView({ block: "nearest" });
  }, [key, rows]);
}
