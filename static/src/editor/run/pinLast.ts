import { pinnable } from "../../model/pins";
import { t } from "../../words/t";
import { sentence } from "../api";
import type { Session } from "../session";
import { lastOutput, lastRunAt } from "./pastRuns";
import { openPin, pinValue, titleOf } from "./pinning";

/** Pin what the step gave in the last run that came to it; else open the place to write it. */
export async function pinLastOutput(session: Session, id: string): Promise<void> {
  const spec = session.document.nodes[id];
  const title = titleOf(session, id);
  if (!spec || !pinnable(spec)) {
    session.tell({
      tone: "info",
      text: t("“{title}” does nothing that a pin could stand in for.", { title }),
    });
    return;
  }
  try {
    const run = await lastRunAt(session, id);
    const found = run && (await lastOutput(session, run.id, id, spec));
    if (found?.kind === "value") {
      pinValue(session, id, found.value);
      return;
    }
    const why = found ? found.why : t("No run came to it yet.");
    session.tell({
      tone: "info",
      text: t("“{title}” cannot be pinned by itself: {why}", { title, why }),
    });
    openPin(session, id);
  } catch (error) {
    session.tell({ tone: "error", text: sentence(error) });
  }
}
