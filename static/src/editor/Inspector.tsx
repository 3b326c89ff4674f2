import { type ReactElement, useEffect, useRef } from "react";
import { Icon } from "../canvas/icons";
import { onlyEdge, onlyNode } from "../model/selection";
import { deleteSelected, duplicate } from "./clipping";
import { EdgeForm } from "./EdgeForm";
import { useEditor, useSession } from "./hooks";
import { NodeForm } from "./NodeForm";
import { WorkflowForm } from "./WorkflowForm";

/** The panel on the right: what is selected, and all that can be said about it. */
export function Inspector(): ReactElement {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const selection = useEditor((state) => state.selection);
  const ref = useFieldRequests();
  const node = onlyNode(selection);
  const edge = document.edges.find((each) => each.id === onlyEdge(selection));
  const spec = node === null ? undefined : document.nodes[node];
  const many = selection.nodes.size + selection.edges.size;
  return (
    <aside
      className="inspector"
      ref={ref}
      aria-label="Settings"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        session.backToCanvas();
      }}
      onBlur={() => session.seal()}
    >
      <header className="inspector__head">
        <h2 className="inspector__title">
          {spec
            ? spec.title || node
            : edge
              ? "Connection"
              : many > 1
                ? `${many} selected`
                : "Workflow"}
        </h2>
        <button
          type="button"
          className="button button--quiet button--icon button--small drawer-close"
          aria-label="Close the settings"
          onClick={() => session.backToCanvas()}
        >
          <Icon name="close" size={14} />
        </button>
      </header>
      <div className="inspector__body">
        {spec && node !== null ? (
          <NodeForm key={node} id={node} spec={spec} />
        ) : edge ? (
          <EdgeForm key={edge.id} edge={edge} />
        ) : many > 1 ? (
          <Many count={selection.nodes.size} />
        ) : (
          <WorkflowForm />
        )}
      </div>
    </aside>
  );
}

function Many({ count }: { count: number }): ReactElement {
  const session = useSession();
  return (
    <div className="form-stack">
      <p className="field__help">
        Drag one to move them all, or press Shift and an arrow key. Ctrl+C copies them as text.
      </p>
      {session.canEdit && (
        <div className="form-actions">
          {count > 0 && (
            <button
              type="button"
              className="button button--small"
              onClick={() => duplicate(session)}
            >
              Duplicate
            </button>
          )}
          <button
            type="button"
            className="button button--small button--danger"
            onClick={() => deleteSelected(session)}
          >
            <Icon name="trash" size={12} /> Delete
          </button>
        </div>
      )}
    </div>
  );
}

const FOCUSABLE = "input, select, textarea, button, summary";

/** Moves the keyboard to the field that was asked for. */
function useFieldRequests() {
  const ref = useRef<HTMLElement>(null);
  const request = useEditor((state) => state.fieldRequest);
  useEffect(() => {
    if (!request) return;
    const marked = ref.current?.querySelector<HTMLElement>(`[data-field="${request.field}"]`);
    const home = marked ?? ref.current?.querySelector<HTMLElement>(".inspector__body");
    const field = home?.matches(FOCUSABLE) ? home : home?.querySelector<HTMLElement>(FOCUSABLE);
    field?.focus();
    if (field instanceof HTMLInputElement) field.select();
  }, [request]);
  return ref;
}
