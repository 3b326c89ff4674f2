/** Documents that come from outside: dropped files, pasted texts. */
import { looksLikeDocument, MAX_DOCUMENT_BYTES } from "../model/documentText";
import { t } from "../words/t";
import type { Session } from "./session";

/** Ask what to do with a text, or for one. */
export function openImport(session: Session, text = "", name = ""): void {
  session.store.set({
    dialog: "import",
    importing: { text, name },
    choosing: null,
    connecting: null,
    notice: null,
  });
}

/** Offer to import a pasted text. True when it looks like a document. */
export function offerText(session: Session, text: string): boolean {
  if (!looksLikeDocument(text)) return false;
  openImport(session, text);
  return true;
}

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
