/** Making, changing and removing sticky notes. */
import type { NoteEditing } from "../canvas/StickyNotes";
import * as edits from "../model/edits";
import { snap } from "../model/nodes";
import { FRESH_SIZE, freshNoteId } from "../model/notes";
import type { Session } from "./session";

/** A new note in the middle of what is seen, to be written on at once. */
export function addNote(session: Session): void {
  const id = freshNoteId(session.document);
  const [x, y] = session.camera?.centre() ?? [0, 0];
  const at = snap([x - FRESH_SIZE[0] / 2, y - FRESH_SIZE[1] / 2]);
  const note = { at, size: FRESH_SIZE, text: "", tone: "amber" as const };
  session.store.set({ freshNote: id });
  session.edit(edits.addNote(id, note), "Added a note. Write, then press Escape");
}

export function noteEditing(session: Session): NoteEditing {
  return {
    onChange: (id, change, typing) => {
      session.edit(edits.setNote(id, change), null, typing ? `note ${id}` : null);
    },
    onRemove: (id) => {
      session.edit(edits.dropNote(id), "Deleted the note. Undo with Ctrl+Z");
      session.backToCanvas();
    },
    onLeave: () => session.backToCanvas(),
  };
}
