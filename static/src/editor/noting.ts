/** Making, changing and removing sticky notes. */
import type { NoteEditing } from "../canvas/StickyNotes";
import * as edits from "../model/edits";
import { snap } from "../model/nodes";
import { FRESH_SIZE, freshNoteId } from "../model/notes";
import { roomFor } from "../model/room";
import { t } from "../words/t";
import type { Session } from "./session";

/** A new note in what is seen, on nothing else if there is room, to be written on at once. */
export function addNote(session: Session): void {
  const id = freshNoteId(session.document);
  const at = snap(roomFor(session.document, FRESH_SIZE, session.camera?.centre() ?? [0, 0]));
  const note = { at, size: FRESH_SIZE, text: "", tone: "amber" as const };
  session.store.set({ freshNote: id });
  session.edit(edits.addNote(id, note), t("Added a note. Write, then press Escape"));
  session.camera?.reveal({ x: at[0], y: at[1], width: FRESH_SIZE[0], height: FRESH_SIZE[1] });
}

export function noteEditing(session: Session): NoteEditing {
  return {
    onChange: (id, change, typing) => {
      session.edit(edits.setNote(id, change), null, typing ? `note ${id}` : null);
    },
    onRemove: (id) => {
      session.edit(edits.dropNote(id), t("Deleted the note. Undo with Ctrl+Z"));
      session.backToCanvas();
    },
    onLeave: () => session.backToCanvas(),
  };
}
