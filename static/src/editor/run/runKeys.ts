/** The keys of the canvas that run parts of the draft, and pin. */
import { isLetter, isPlain, type Keys } from "../../canvas/keys";
import { preferences } from "../../canvas/preferences";
import { askToRun } from "../running";
import type { Session } from "../session";
import { togglePin } from "./pinning";

/** True when the key meant something. */
export function runKey(session: Session, event: Keys): boolean {
  if (!isPlain(event) || (isLetter(event) && !preferences().letters)) return false;
  if (event.key === "Enter" && event.shiftKey) askToRun(session, "to");
  else if (event.key.toLowerCase() === "p" && !event.shiftKey) void togglePin(session);
  else return false;
  return true;
}
