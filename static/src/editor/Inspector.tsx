import { type ReactElement, useDeferredValue, useEffect, useRef } from "react";
import { Icon } from "../canvas/icons";
import type { GraphDocument } from "../model/document";
import { onlyEdge, onlyNode, type Selection } from "../model/selection";
import { t } from "../words/t";
import { fieldAt } from "./forms/fieldAt";
import { useEditor, useSession } from "./hooks";
import { Later, useLater } from "./LaterPart";

/** The panel on the right: what is selected, and all that can be said about it. */
export function Inspector(): ReactElement {
  const session = useSession();
  const document = useEditor((state) => state.document);
  const { selection, late } = useCalmSelection(document);
  const ref = useFieldRequests();
  const node = onlyNode(selection);
  const edge = document.edges.find((each) => each.id === onlyEdge(selection));
  const spec = node === null ? undefined : document.nodes[node];
  // Connections between selected steps are selected along with them, and are not counted.
  const steps = selection.nodes.size;
  const many = steps + selection.edges.size;
  return (
    <aside
      className="inspector"
      ref={ref}
      aria-label={t("Settings")}
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
              ? t("Connection")
              : many > 1
                ? t("{count} selected", { count: steps > 1 ? steps : many })
                : t("Workflow")}
        </h2>
        <button
          type="button"
          className="button button--quiet button--icon button--small drawer-close"
          aria-label={t("Close the settings")}
          onClick={() => session.backToCanvas()}
        >
          <Icon name="close" size={14} />
        </button>
      </header>
      <div className="inspector__body" inert={late}>
        {spec && node !== null ? (
          <Later part="NodePanel" key={node} id={node} spec={spec} />
        ) : edge ? (
          <Later part="EdgeForm" key={edge.id} edge={edge} />
        ) : many > 1 ? (
          <Later part="ManyForm" count={steps} />
        ) : (
          <Later part="WorkflowForm" />
        )}
      </div>
    </aside>
  );
}

/**
 * What is selected, once there is time to show its form: keys that travel on do not wait for the
 * forms of the steps between. Whoever points at something, asks for a field, or takes away what is
 * shown, waits for none. A form that comes `late` is of the step before: nothing can be written
 * into it, for it would be meant for another.
 */
function useCalmSelection(document: GraphDocument): { selection: Selection; late: boolean } {
  const selection = useEditor((state) => state.selection);
  const request = useEditor((state) => state.fieldRequest);
  const calm = useDeferredValue(selection);
  const met = useRef(request);
  const byKeys = useRef(false);
  useEffect(() => {
    met.current = request;
  }, [request]);
  useEffect(() => {
    const note = ({ type }: Event) => {
      byKeys.current = type === "keydown";
    };
    const inputs = ["keydown", "pointerdown"] as const;
    for (const type of inputs) window.addEventListener(type, note, true);
    return () => {
      for (const type of inputs) window.removeEventListener(type, note, true);
    };
  }, []);
  const waits = byKeys.current && met.current === request && isThere(document, calm);
  return waits ? { selection: calm, late: calm !== selection } : { selection, late: false };
}

function isThere(document: GraphDocument, selection: Selection): boolean {
  const [node, edge] = [onlyNode(selection), onlyEdge(selection)];
  if (node !== null) return Object.hasOwn(document.nodes, node);
  return edge === null || document.edges.some((each) => each.id === edge);
}

/** The field of that name, or the one that a JSON pointer leads to. */
function markedField(home: HTMLElement | null, field: string): HTMLElement | null {
  if (!home) return null;
  const named = (name: string) => home.querySelector<HTMLElement>(`[data-field="${name}"]`);
  if (!field.startsWith("/")) return named(field);
  const found = fieldAt(home, field) ?? named("first");
  // What is folded away is opened first.
  for (let at = found?.parentElement; at && at !== home; at = at.parentElement) {
    if (at instanceof HTMLDetailsElement) at.open = true;
  }
  return found;
}

const FOCUSABLE =
  "textarea:not([disabled]), input:not([disabled]), select:not([disabled]), button:not([disabled], [tabindex='-1'], .mode), summary";

/** Where a row has a name and an expression, the expression is what is mostly wrong. */
const WRITTEN = ".expression__text:not([disabled])";

/** Moves the keyboard to the field that was asked for. */
function useFieldRequests() {
  const ref = useRef<HTMLElement>(null);
  const request = useEditor((state) => state.fieldRequest);
  const fields = useLater();
  useEffect(() => {
    if (!request || fields !== "loaded") return;
    const marked = markedField(ref.current, request.field);
    const home = marked ?? ref.current?.querySelector<HTMLElement>(".inspector__body");
    const written = request.field.startsWith("/")
      ? home?.querySelector<HTMLElement>(WRITTEN)
      : null;
    const field = home?.matches(FOCUSABLE)
      ? home
      : (written ?? home?.querySelector<HTMLElement>(FOCUSABLE));
    field?.focus();
    if (field instanceof HTMLInputElement) field.select();
  }, [request, fields]);
  return ref;
}
