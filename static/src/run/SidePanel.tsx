import type { KeyboardEvent } from "react";
import { memo, useId, useRef } from "react";
import type { GraphDocument } from "../model/document";
import { t } from "../words/t";
import { addressOf } from "./boot";
import type { Focus } from "./focus";
import { Icon } from "./Icon";
import { Later } from "./LaterPart";
import { visitsInOrder } from "./order";
import type { RouteState, Tab } from "./route";
import { StatusPill } from "./StatusIcon";
import { StepList } from "./StepList";
import type { RunStore } from "./store";
import type { Activation } from "./view";
import { WhyTab } from "./WhyTab";
import { duration, titleOf } from "./words";

const TABS: readonly (readonly [Tab, string])[] = [
  ["steps", t("Steps")],
  ["why", t("Why")],
  ["state", t("State")],
  ["input", t("Input")],
  ["output", t("Output")],
];

interface PanelProps {
  readonly store: RunStore;
  readonly document: GraphDocument;
  readonly focus: Focus;
  /** The edge that was chosen on the canvas. */
  readonly edge: string | null;
  readonly route: RouteState;
  readonly onRoute: (change: Partial<RouteState>) => void;
  readonly onPick: (visit: Activation) => void;
}

/** Everything about one step: why, state, input, output; and the list of all steps. */
export const SidePanel = memo(function SidePanel(props: PanelProps) {
  const { focus, route, onRoute } = props;
  const id = useId();
  return (
    <aside className="rp-panel" aria-label={t("Step")}>
      <PanelHead {...props} />
      <Tabs id={id} current={route.tab} onTab={(tab) => onRoute({ tab })} />
      <div
        className="rp-panel__body"
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${route.tab}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a panel that scrolls takes the keyboard
        tabIndex={0}
      >
        <TabBody {...props} key={shownIn(route.tab, focus)} />
      </div>
    </aside>
  );
});

/** What a tab shows: another thing begins anew. The list of steps is one for the whole run. */
const shownIn = (tab: Tab, { node, visit }: Focus): string =>
  tab === "steps" ? tab : `${tab}:${node}:${visit?.visit}`;

function PanelHead({ store, document, focus, onPick }: PanelProps) {
  const { node, visit, view } = focus;
  if (node === null) return <h2 className="rp-panel__title">{t("Steps")}</h2>;
  const all = view.nodes.get(node)?.activations ?? [];
  const tool = document.nodes[node]?.tool ?? document.nodes[node]?.type;
  return (
    <div className="rp-panel__head">
      <div className="rp-panel__name">
        <h2 className="rp-panel__title">{titleOf(document, node)}</h2>
        <p className="rp-panel__tool">
          <code>{tool}</code>
          {visit?.ms != null && <span>{duration(visit.ms)}</span>}
          {visit && visit.tries > 1 && <span>{t("try {tries}", { tries: visit.tries })}</span>}
        </p>
        <ChildLinks store={store} visit={visit} all={all} />
      </div>
      {all.length > 1 && visit && <VisitPicker all={all} visit={visit} onPick={onPick} />}
      <StatusPill status={visit?.status ?? view.nodes.get(node)?.status ?? "idle"} />
    </div>
  );
}

/** The runs that a step started: the one of this visit, and the list where there are several. */
function ChildLinks(props: {
  store: RunStore;
  visit: Activation | null;
  all: readonly Activation[];
}) {
  const { store, visit, all } = props;
  const { run, urls } = store.boot;
  const count = all.filter((each) => each.child !== null).length;
  if (count === 0) return null;
  return (
    <p className="rp-panel__children">
      {visit?.child && <a href={addressOf(urls.run, visit.child)}>{t("Open its run")}</a>}
      {count > 1 && (
        <a href={`/runs/?parent=${encodeURIComponent(run.id)}`}>
          {t("All {count} runs", { count })}
        </a>
      )}
    </p>
  );
}

function VisitPicker(props: {
  all: readonly Activation[];
  visit: Activation;
  onPick: (visit: Activation) => void;
}) {
  const { all, visit, onPick } = props;
  const step = (by: number) => {
    const next = all[visit.visit - 1 + by];
    if (next) onPick(next);
  };
  return (
    <fieldset className="rp-visits">
      <legend className="visually-hidden">{t("Visit of this step")}</legend>
      <button
        type="button"
        className="button button--quiet button--icon button--small"
        aria-label={t("Previous visit")}
        disabled={visit.visit <= 1}
        onClick={() => step(-1)}
      >
        <Icon name="back" />
      </button>
      <span className="rp-visits__count">
        {visit.visit}/{all.length}
      </span>
      <button
        type="button"
        className="button button--quiet button--icon button--small"
        aria-label={t("Next visit")}
        disabled={visit.visit >= all.length}
        onClick={() => step(1)}
      >
        <Icon name="forward" />
      </button>
    </fieldset>
  );
}

function TabBody({ store, document, focus, edge, route, onRoute, onPick }: PanelProps) {
  const { node, visit, view } = focus;
  if (route.tab === "steps") {
    const visits = visitsInOrder(view);
    return <StepList document={document} visits={visits} current={visit} onPick={onPick} />;
  }
  if (route.tab === "why") {
    const toNode = (chosen: string) => onRoute({ node: chosen, visit: null });
    return (
      <>
        {focus.seq === null && (
          <Later part="WaitingFor" store={store} document={document} node={node} onNode={toNode} />
        )}
        <WhyTab document={document} focus={focus} edge={edge} onNode={toNode} />
      </>
    );
  }
  if (route.tab === "state") return <Later part="StateOf" store={store} focus={focus} />;
  if (!visit) {
    return (
      <p className="rp-empty">
        {node === null
          ? t("Choose a step.")
          : t("{step} has not run.", { step: titleOf(document, node) })}
      </p>
    );
  }
  return <Later part="ValuesOf" store={store} document={document} visit={visit} tab={route.tab} />;
}

/** Tabs by the ARIA pattern: one stop, arrows move. */
function Tabs({ id, current, onTab }: { id: string; current: Tab; onTab: (tab: Tab) => void }) {
  const bar = useRef<HTMLDivElement>(null);
  function onKeyDown(event: KeyboardEvent) {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const at = TABS.findIndex(([tab]) => tab === current);
    const next = TABS[(at + by + TABS.length) % TABS.length];
    if (!next) return;
    onTab(next[0]);
    bar.current?.querySelector<HTMLElement>(`[data-tab="${next[0]}"]`)?.focus();
  }
  return (
    <div
      className="rp-tabs"
      role="tablist"
      aria-label={t("About the step")}
      ref={bar}
      onKeyDown={onKeyDown}
    >
      {TABS.map(([tab, label]) => (
        <button
          key={tab}
          type="button"
          role="tab"
          data-tab={tab}
          id={`${id}-${tab}`}
          className="rp-tab"
          aria-selected={tab === current}
          aria-controls={`${id}-panel`}
          tabIndex={tab === current ? 0 : -1}
          onClick={() => onTab(tab)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
