/** What of the shown run is looked at. */
import type { Session } from "../session";

/** Look at the rounds of a step, the last one first. */
export function showRounds(session: Session, node: string): void {
  const { run, logFilter } = session.state;
  const visit = run?.view.nodes.get(node)?.activations.length ?? 0;
  if (visit === 0) return;
  session.goTo(node);
  session.store.set({ logFilter: { ...logFilter, node, visit } });
}
