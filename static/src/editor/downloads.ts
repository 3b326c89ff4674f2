/** Files that the editor gives: the draft as JSON, and a picture of it. */
import { pictureOf } from "../canvas/picture";
import { serialise } from "../model/document";
import { save } from "../run/download";
import type { Session } from "./session";

export function downloadDocument(session: Session): void {
  save(`${fileName(session)}.json`, "application/json", serialise(session.document));
}

export function downloadPicture(session: Session): void {
  const svg = pictureOf(session.document, session.looks, titleOf(session));
  save(`${fileName(session)}.svg`, "image/svg+xml", svg);
}

const titleOf = (session: Session) =>
  String(session.document.name || session.boot.workflow.name || "Workflow");

const fileName = (session: Session) => session.boot.workflow.key || "workflow";
