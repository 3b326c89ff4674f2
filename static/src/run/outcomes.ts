/** Calls that were cut and must not be made twice, until a person says what became of them. */
import type { RunEvent } from "../live/events";
import { stillOpen } from "./growing";
import { isUnknown } from "./payloads";

/** The events by which calls were lost that a person has yet to decide about, oldest first. */
export const undecidedCalls = stillOpen((open, event) => {
  if (event.k === "attempt.lost" && isUnknown(event.data) && !event.data.edges)
    open.set(event.act, event);
  else if (event.k === "outcome.decided" || event.k === "attempt.started") open.delete(event.act);
});

/** The page on which a call of a run is decided. */
export function callPage(run: string, { act, att }: RunEvent): string {
  return `/inbox/calls/${run}.${act}.${att}`;
}
