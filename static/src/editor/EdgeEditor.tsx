import { useStore } from "@xyflow/react";
import { type ReactElement, useEffect, useRef } from "react";
import { Icon } from "../canvas/icons";
import type { EdgeSpec } from "../model/document";
import { pathOf } from "../model/paths";
import { DecisionFields } from "./EdgeForm";
import { useEditor, useOutside, useSession } from "./hooks";

/** The condition of an edge, edited where it is drawn. */
export function EdgeEditor(): ReactElement | null {
  const id = useEditor((state) => state.edgeEditor);
  const edge = useEditor((state) => state.document.edges).find((each) => each.id === id);
  return edge ? <Open key={edge.id} edge={edge} /> : null;
}

const WIDTH = 340;

function Open({ edge }: { edge: EdgeSpec }): ReactElement {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const field = useRef<HTMLTextAreaElement>(null);
  const ref = useOutside(() => session.store.set({ edgeEditor: null }));
  const [x, y] = pathOf(document, edge)?.middle ?? [0, 0];
  const [viewX, viewY, zoom] = useStore((store) => store.transform);
  const width = useStore((store) => store.width);
  const height = useStore((store) => store.height);
  const left = Math.max(8, Math.min(x * zoom + viewX - WIDTH / 2, width - WIDTH - 8));
  const top = Math.max(8, Math.min(y * zoom + viewY + 16, height - 190));

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
      aria-label={`Connection from ${edge.from} to ${edge.to}`}
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
          {edge.from} <Icon name="chevronRight" size={12} /> {edge.to}
        </span>
        <button type="button" className="link-button" onClick={() => session.focusField("first")}>
          All settings
        </button>
      </header>
      <DecisionFields
        edge={edge}
        inputRef={field}
        onKeyDown={(event) => {
          // Shift+Enter breaks the line; Enter alone is done.
          if (event.key !== "Enter" || event.shiftKey) return;
          event.preventDefault();
          session.say(`Condition: ${event.currentTarget.value}`);
          session.backToCanvas();
        }}
      />
    </div>
  );
}
