import { useStore } from "@xyflow/react";
import { type ReactElement, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Icon } from "../canvas/icons";
import type { EdgeSpec } from "../model/document";
import { pathOf } from "../model/paths";
import { titleOf } from "../run/words";
import { t } from "../words/t";
import { DecisionFields, EdgePlace, EdgePointer } from "./EdgeForm";
import { useEditor, useOutside, useSession } from "./hooks";
import { Playground } from "./lookback/Playground";

/** The condition of an edge, edited where it is drawn. */
export function EdgeEditor({ id }: { id: string }): ReactElement | null {
  const edge = useEditor((state) => state.document.edges).find((each) => each.id === id);
  return edge ? <Open key={edge.id} edge={edge} /> : null;
}

const WIDTH = 340;

function Open({ edge }: { edge: EdgeSpec }): ReactElement {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const [from, to] = [titleOf(document, edge.from), titleOf(document, edge.to)];
  const field = useRef<HTMLTextAreaElement>(null);
  const ref = useOutside(() => session.store.set({ edgeEditor: null }));
  const [x, y] = pathOf(document, edge)?.middle ?? [0, 0];
  const [viewX, viewY, zoom] = useStore((store) => store.transform);
  const width = useStore((store) => store.width);
  const height = useStore((store) => store.height);
  const left = Math.max(8, Math.min(x * zoom + viewX - WIDTH / 2, width - WIDTH - 8));
  const [tall, setTall] = useState(0);
  const top = Math.max(8, Math.min(y * zoom + viewY + 16, height - tall - 8));

  useLayoutEffect(() => {
    const box = ref.current;
    if (!box) return;
    // It grows with what is said of the condition, and stays on the canvas.
    const watch = new ResizeObserver(() => setTall(box.offsetHeight));
    watch.observe(box);
    return () => watch.disconnect();
  }, [ref]);

  useEffect(() => {
    const first = ref.current?.querySelector<HTMLElement>("[aria-pressed=true]");
    const target = field.current ?? first;
    target?.focus({ preventScroll: true });
    field.current?.select();
  }, [ref]);

  return (
    <div
      ref={ref}
      className="edge-editor"
      style={{ left, top, width: WIDTH }}
      role="dialog"
      aria-label={t("Connection from {from} to {to}", { from, to })}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        session.backToCanvas();
      }}
      onBlur={() => session.seal()}
    >
      <header className="edge-editor__head">
        <span className="edge-editor__ends">
          {from} <Icon name="chevronRight" size={12} /> {to}
        </span>
        <button type="button" className="link-button" onClick={() => session.focusField("first")}>
          {t("All settings")}
        </button>
      </header>
      <EdgePointer edge={edge}>
        <EdgePlace edge={edge}>
          <DecisionFields
            edge={edge}
            inputRef={field}
            onKeyDown={(event) => {
              // Shift+Enter breaks the line; Enter alone is done.
              if (event.key !== "Enter" || event.shiftKey) return;
              event.preventDefault();
              session.say(t("Condition: {value}", { value: event.currentTarget.value }));
              session.backToCanvas();
            }}
          />
          <Playground edge={edge} brief />
        </EdgePlace>
      </EdgePointer>
    </div>
  );
}
