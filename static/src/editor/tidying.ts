/** Tidying up large graphs: laid out by a worker, so that the page stays at hand meanwhile. */
import type { Laid } from "../layout/worker";
import type { GraphDocument, Point } from "../model/document";
import * as edits from "../model/edits";
import { layout } from "../model/layout";
import { t } from "../words/t";
import { startWorker } from "../workers";
import { showTidied } from "./keys";
import type { Session } from "./session";

/** So often it is begun anew for what was changed meanwhile; then what there is gets its place. */
const TRIES = 3;

const busy = new WeakSet<Session>();

/** Lay out all of the document; one undo brings every place back. */
export async function tidyLarge(session: Session): Promise<void> {
  if (busy.has(session)) {
    session.say(t("Still tidying up"));
    return;
  }
  busy.add(session);
  const text = t("Tidying up {count} steps …", {
    count: Object.keys(session.document.nodes).length,
  });
  session.tell({ tone: "info", text });
  session.say(text);
  try {
    showTidied(session, session.edit(edits.tidyTo(await placesOf(session)), t("Tidied up")));
  } finally {
    busy.delete(session);
    if (session.state.notice?.text === text) session.tell(null);
  }
}

async function placesOf(session: Session): Promise<ReadonlyMap<string, Point>> {
  for (let left = TRIES; ; left -= 1) {
    const { document } = session;
    const laid = await layoutBeside(session, document);
    const { nodes, edges } = session.document;
    if (left <= 1 || (nodes === document.nodes && edges === document.edges)) return laid;
  }
}

/** By a worker; on the page itself where none can be had. */
async function layoutBeside(
  session: Session,
  document: GraphDocument,
): Promise<ReadonlyMap<string, Point>> {
  try {
    return new Map(await askWorker(session.boot.urls.files["layout.worker"] ?? "", document));
  } catch {
    return layout(document);
  }
}

function askWorker(address: string, document: GraphDocument): Promise<Laid> {
  const worker = startWorker(address);
  const asked = new Promise<Laid>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Laid>) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(document);
  });
  return asked.finally(() => worker.terminate());
}
