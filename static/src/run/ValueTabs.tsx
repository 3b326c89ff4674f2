import type { GraphDocument } from "../model/document";
import type { Focus } from "./focus";
import { InputTab } from "./InputTab";
import { OutputTab } from "./OutputTab";
import { useStatePair } from "./runState";
import { StateTab } from "./StateTab";
import type { RunStore } from "./store";
import type { Activation } from "./view";

/** The tab of the state at the moment that is looked at. */
export function StateOf({ store, focus }: { store: RunStore; focus: Focus }) {
  const states = useStatePair(store, focus.stateSeq);
  return <StateTab store={store} seq={focus.stateSeq} states={states} />;
}

/** The tabs of what a visit was given, and what it gave. */
export function ValuesOf(props: {
  store: RunStore;
  document: GraphDocument;
  visit: Activation;
  tab: "input" | "output";
}) {
  const { store, document, visit, tab } = props;
  const states = useStatePair(store, visit.endedSeq ?? visit.startedSeq);
  if (tab === "output") return <OutputTab store={store} visit={visit} states={states} />;
  return <InputTab store={store} document={document} visit={visit} states={states} />;
}
