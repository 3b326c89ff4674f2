/** Documents that come from outside, as texts. Files are of the later part: `offerFile`. */
import { looksLikeDocument } from "../model/documentText";
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
