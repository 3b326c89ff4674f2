import { type KeyboardEvent, type ReactElement, useRef } from "react";
import { Icon } from "../canvas/icons";
import { nodeLook, typeWords } from "../canvas/look";
import type { NodeSpec } from "../model/document";
import { t } from "../words/t";
import { useEditor, useFieldId, useSession } from "./hooks";
import { NODE_TABS, type NodeTab } from "./lookback/tabs";
import { VisitTab } from "./lookback/VisitTab";
import { NodeForm } from "./NodeForm";

/** One node: its settings, and what it was given, gave and said in a run. */
export function NodePanel({ id, spec }: { id: string; spec: NodeSpec }): ReactElement {
  const tab = useEditor((state) => state.nodeTab);
  const base = useFieldId("node");
  return (
    <>
      <Kind id={id} spec={spec} />
      <Tabs base={base} tab={tab} />
      <div
        role="tabpanel"
        id={`${base}-panel`}
        aria-labelledby={`${base}-${tab}`}
        className="node-panel"
      >
        {tab === "settings" ? <NodeForm id={id} spec={spec} /> : <VisitTab id={id} tab={tab} />}
      </div>
    </>
  );
}

/** What sort of step it is, as its face on the canvas shows it. */
function Kind({ id, spec }: { id: string; spec: NodeSpec }): ReactElement {
  const session = useSession();
  return (
    <p className="node-kind">
      <span className={`step__icon step__icon--${spec.type}`}>
        <Icon name={nodeLook(id, spec, session.looks).icon} size={14} />
      </span>
      {typeWords(spec.type)}
    </p>
  );
}

/** Tabs by the ARIA pattern: one stop, arrows move. */
function Tabs({ base, tab }: { base: string; tab: NodeTab }): ReactElement {
  const session = useSession();
  const bar = useRef<HTMLDivElement>(null);
  const show = (next: NodeTab) => session.store.set({ nodeTab: next });
  const onKeyDown = (event: KeyboardEvent) => {
    const at = NODE_TABS.findIndex(([each]) => each === tab);
    const by = { ArrowRight: 1, ArrowLeft: -1, Home: -at, End: NODE_TABS.length - 1 - at }[
      event.key
    ];
    if (by === undefined) return;
    event.preventDefault();
    const [next] = NODE_TABS[(at + by + NODE_TABS.length) % NODE_TABS.length] ?? ["settings"];
    show(next);
    bar.current?.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
  };
  return (
    <div
      className="node-tabs"
      role="tablist"
      aria-label={t("About the step")}
      ref={bar}
      onKeyDown={onKeyDown}
    >
      {NODE_TABS.map(([each, words]) => (
        <button
          key={each}
          type="button"
          role="tab"
          data-tab={each}
          id={`${base}-${each}`}
          className="node-tabs__tab"
          aria-selected={each === tab}
          aria-controls={each === tab ? `${base}-panel` : undefined}
          tabIndex={each === tab ? 0 : -1}
          onClick={() => show(each)}
        >
          {words}
        </button>
      ))}
    </div>
  );
}
