import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { t } from "../words/t";
import { Announcer } from "./Announcer";
import { Banners } from "./Banners";
import { CanvasPane } from "./CanvasPane";
import { focusOf } from "./focus";
import { LogPane } from "./LogPane";
import type { Bar } from "./lanes";
import { RunHeader } from "./RunHeader";
import type { RouteState } from "./route";
import { Scrubber } from "./Scrubber";
import { SidePanel } from "./SidePanel";
import { statusWord } from "./statusWords";
import type { RunStore } from "./store";
import { useMedia, useRoute, useVersion } from "./useRun";
import { type Activation, hasEnded } from "./view";

/** The whole page of one run. Its address is its view: `?seq=&node=&visit=&tab=`. */
export function RunPage({ store }: { store: RunStore }) {
  const version = useVersion(store);
  const [route, setRoute] = useRoute();
  const [problem, setProblem] = useState<string | null>(null);
  const small = useMedia("(max-width: 760px)");
  const [outline, setOutline] = useState<boolean | null>(null);
  const area = useRef<HTMLDivElement>(null);
  const { document } = store.boot;
  const head = store.record.head;
  const live = !hasEnded(head.status);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the record grows in place, `version` tells
  const focus = useMemo(
    () => focusOf(store.record, route, document),
    [store, route, document, version],
  );
  // A run that went well and is looked at as a whole needs no step in the middle of the canvas.
  const quiet = head.status === "completed" && !focus.chosen && focus.seq === null;
  useTitle(store, head.status);

  const [edge, setEdge] = useState<string | null>(null);
  const openNode = useCallback(
    (node: string | null) => {
      setEdge(null);
      setRoute({ node, visit: null, ...(node && route.tab === "steps" ? { tab: "why" } : {}) });
    },
    [setRoute, route.tab],
  );
  /** An edge is explained where it was decided: at the step it leaves. */
  const openFromCanvas = useCallback(
    (id: string | null) => {
      const chosen = document.edges.find((each) => each.id === id);
      if (!chosen) return openNode(id);
      setEdge(chosen.id);
      setRoute({ node: chosen.from, visit: null, tab: "why" });
    },
    [document, openNode, setRoute],
  );
  const openVisit = useCallback(
    (visit: Activation) =>
      setRoute({ node: visit.node, visit: visit.visit, seq: visit.endedSeq ?? visit.startedSeq }),
    [setRoute],
  );
  const openBar = useCallback(
    ({ node, visit, seq }: Bar) => setRoute({ node, visit, seq }),
    [setRoute],
  );
  /** A moment chooses its own step, unless the reader holds one. */
  const goTo = useCallback(
    (seq: number | null) =>
      setRoute({ seq, visit: null, ...(route.visit === null ? {} : { node: null }) }),
    [setRoute, route.visit],
  );
  const setLog = useCallback((log: RouteState["log"]) => setRoute({ log }), [setRoute]);

  return (
    <div className="rp-page" ref={area}>
      <RunHeader store={store} view={head} node={route.node} onProblem={setProblem} />
      <Banners
        store={store}
        view={head}
        document={document}
        problem={problem}
        onNode={(node) => setRoute({ node, visit: null, seq: null, tab: "why" })}
        onDismiss={() => setProblem(null)}
      />
      <div className="rp-body">
        <CanvasPane
          document={document}
          view={focus.view}
          selected={edge ?? (quiet ? null : focus.node)}
          outline={outline ?? small}
          onOutline={setOutline}
          onSelect={openFromCanvas}
        />
        <Scrubber
          store={store}
          document={document}
          head={head}
          seq={focus.seq}
          selected={focus.chosen ? focus.node : null}
          onSeq={goTo}
          onBar={openBar}
          area={area}
        />
        <LogPane
          store={store}
          version={version}
          document={document}
          node={focus.node}
          seq={focus.seq}
          live={live}
          failed={head.status === "failed"}
          log={route.log}
          onLog={setLog}
          onSeq={goTo}
          onProblem={setProblem}
        />
        <SidePanel
          store={store}
          document={document}
          focus={focus}
          edge={edge}
          route={route}
          onRoute={setRoute}
          onPick={openVisit}
        />
      </div>
      <Announcer view={head} document={document} />
    </div>
  );
}

/** The tab of the browser tells how the run stands. */
function useTitle(store: RunStore, status: string): void {
  const name = store.boot.run.workflow?.name ?? t("Run");
  useEffect(() => {
    window.document.title = `${name}: ${statusWord(status)} · Treadle`;
  }, [name, status]);
}
