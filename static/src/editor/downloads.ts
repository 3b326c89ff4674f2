/** Files that the editor gives: the draft as JSON or YAML, and a picture of it. */
import { pictureOf } from "../canvas/picture";
import { type GraphDocument, serialise } from "../model/document";
import { withPath } from "../model/nodes";
import { save } from "../run/download";
import { t } from "../words/t";
import { sentence } from "./api";
import type { Session } from "./session";

const TYPES = { json: "application/json", yaml: "application/yaml" } as const;

/** The draft as the server writes it. What cannot be saved now is still given as JSON. */
export async function downloadDocument(
  session: Session,
  format: keyof typeof TYPES = "json",
): Promise<void> {
  const name = `${fileName(session)}.${format}`;
  try {
    if (!session.canEdit || (await session.saver.flush())) {
      save(name, TYPES[format], await session.api.exportText(format));
      return;
    }
    if (format === "json") {
      save(name, TYPES.json, serialise(withoutPins(session.document)));
      session.tell({
        tone: "info",
        text: t("Downloaded as it is on this page: it is not saved yet."),
      });
      return;
    }
    throw new Error(t("The draft could not be saved, so there is no YAML of it. JSON works."));
  } catch (error) {
    session.tell({ tone: "error", text: sentence(error) });
  }
}

const withoutPins = (document: GraphDocument) => withPath(document, ["meta", "pins"], undefined);

export function downloadPicture(session: Session): void {
  const svg = pictureOf(session.document, session.looks, titleOf(session));
  save(`${fileName(session)}.svg`, "image/svg+xml", svg);
}

const titleOf = (session: Session) =>
  String(session.document.name || session.boot.workflow.name || t("Workflow"));

const fileName = (session: Session) => session.boot.workflow.key || "workflow";
