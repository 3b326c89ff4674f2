import { MAX_DOCUMENT_BYTES } from "../model/documentText";
import { t } from "../words/t";
import { openImport } from "./importing";
import type { Session } from "./session";

/** Read a file and offer to import it. */
export async function offerFile(session: Session, file: File): Promise<void> {
  if (file.size > MAX_DOCUMENT_BYTES) {
    const text = t("“{name}” has more than 2 MiB, which no workflow document has.", {
      name: file.name,
    });
    session.tell({ tone: "error", text });
    return;
  }
  openImport(session, await file.text(), file.name);
}
