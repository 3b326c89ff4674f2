/** Sticky notes on the paper, under the steps. Each is reached by Tab and edited in place. */
import { useStoreApi, ViewportPortal } from "@xyflow/react";
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactElement,
  useEffect,
  useRef,
  useState,
} from "react";
import type { GraphDocument, Point } from "../model/document";
import { snap } from "../model/nodes";
import {
  firstWords,
  LEAST,
  MOST_LETTERS,
  type Note,
  notesOf,
  TONES,
  type Tone,
} from "../model/notes";
import { t } from "../words/t";
import { Icon } from "./icons";
import { Markdown } from "./Markdown";

export interface NoteEditing {
  onChange(id: string, change: Partial<Note>, typing: boolean): void;
  onRemove(id: string): void;
  /** The keyboard goes back to the steps. */
  onLeave(): void;
}

interface Props {
  readonly document: GraphDocument;
  readonly editing: NoteEditing | null;
  /** A note that was just made, to be written on at once. */
  readonly fresh?: string | null;
}

export function StickyNotes({ document, editing, fresh }: Props): ReactElement | null {
  const notes = notesOf(document);
  if (notes.size === 0) return null;
  return (
    <ViewportPortal>
      <div className="notes">
        {[...notes].map(([id, note]) => (
          <Sticky key={id} id={id} note={note} editing={editing} fresh={fresh === id} />
        ))}
      </div>
    </ViewportPortal>
  );
}

interface StickyProps {
  readonly id: string;
  readonly note: Note;
  readonly editing: NoteEditing | null;
  readonly fresh: boolean;
}

function Sticky({ id, note, editing, fresh }: StickyProps): ReactElement {
  const [writing, setWriting] = useState(fresh && editing !== null);
  const ref = useRef<HTMLElement>(null);
  const { place, drag } = useDragging(id, note, editing);
  const [width, height] = place.size;
  const stopWriting = () => {
    setWriting(false);
    ref.current?.focus({ preventScroll: true });
  };
  return (
    <section
      ref={ref}
      className={`note note--${note.tone} nodrag nopan${writing ? " note--writing" : ""}`}
      style={{ left: place.at[0], top: place.at[1], width, height }}
      data-note={id}
      aria-label={t("Note: {words}", { words: firstWords(note) })}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a note is read and edited by keyboard
      tabIndex={0}
      onKeyDown={(event) => {
        if (editing) noteKey(event, id, note, editing, writing, () => setWriting(true));
      }}
      onDoubleClick={() => editing && setWriting(true)}
      {...(writing ? {} : drag("at"))}
    >
      {writing && editing ? (
        <Writing id={id} note={note} editing={editing} onDone={stopWriting} />
      ) : (
        <Markdown text={note.text || `*${t("Empty")}*`} />
      )}
      {editing && !writing && (
        <>
          <NoteTools id={id} note={note} editing={editing} onWrite={() => setWriting(true)} />
          <span className="note__corner" {...drag("size")} />
        </>
      )}
    </section>
  );
}

function noteKey(
  event: KeyboardEvent,
  id: string,
  note: Note,
  editing: NoteEditing,
  writing: boolean,
  write: () => void,
): void {
  // Keys of a note are no keys of the canvas.
  event.stopPropagation();
  if (writing || event.target !== event.currentTarget) return;
  const step = ARROWS[event.key];
  if (step && event.shiftKey) {
    const [dx, dy] = step;
    editing.onChange(id, { at: [note.at[0] + dx * 8, note.at[1] + dy * 8] }, true);
  } else if (event.key === "Enter" || event.key === "F2") write();
  else if (event.key === "Delete" || event.key === "Backspace") editing.onRemove(id);
  else if (event.key === "Escape") editing.onLeave();
  else return;
  event.preventDefault();
}

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

interface WritingProps {
  readonly id: string;
  readonly note: Note;
  readonly editing: NoteEditing;
  readonly onDone: () => void;
}

function Writing({ id, note, editing, onDone }: WritingProps): ReactElement {
  const ref = useRef<HTMLTextAreaElement>(null);
  useEffect(() => ref.current?.focus({ preventScroll: true }), []);
  return (
    <textarea
      ref={ref}
      className="note__text nowheel"
      aria-label={t("Text of the note, in Markdown")}
      value={note.text}
      maxLength={MOST_LETTERS}
      onChange={(event) => editing.onChange(id, { text: event.target.value }, true)}
      onBlur={onDone}
      onKeyDown={(event) => {
        if (event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
          event.preventDefault();
          onDone();
        }
      }}
    />
  );
}

interface ToolsProps {
  readonly id: string;
  readonly note: Note;
  readonly editing: NoteEditing;
  readonly onWrite: () => void;
}

/** What the button says that gives the note a colour, and the same for who hears it. */
const TONE_WORDS: Readonly<Record<Tone, readonly [title: string, spoken: string]>> = {
  amber: [t("Make it amber"), t("Make the note amber")],
  blue: [t("Make it blue"), t("Make the note blue")],
  green: [t("Make it green"), t("Make the note green")],
  rose: [t("Make it rose"), t("Make the note rose")],
};

/** Shown while the note has the keyboard or the pointer. */
function NoteTools({ id, note, editing, onWrite }: ToolsProps): ReactElement {
  const next = TONES[(TONES.indexOf(note.tone) + 1) % TONES.length] ?? "amber";
  const stop = (event: PointerEvent) => event.stopPropagation();
  return (
    <span className="note__tools" onPointerDown={stop}>
      <button type="button" className="note__tool" title={t("Write (Enter)")} onClick={onWrite}>
        <Icon name="text" size={12} />
        <span className="visually-hidden">{t("Write on the note")}</span>
      </button>
      <button
        type="button"
        className="note__tool"
        title={TONE_WORDS[next][0]}
        onClick={() => editing.onChange(id, { tone: next }, false)}
      >
        <span className={`note__swatch note--${next}`} aria-hidden="true" />
        <span className="visually-hidden">{TONE_WORDS[next][1]}</span>
      </button>
      <button
        type="button"
        className="note__tool"
        title={t("Delete (Del)")}
        onClick={() => editing.onRemove(id)}
      >
        <Icon name="trash" size={12} />
        <span className="visually-hidden">{t("Delete the note")}</span>
      </button>
    </span>
  );
}

/** Dragging a note by its paper, or its size by the corner; one edit when it is let go. */
function useDragging(id: string, note: Note, editing: NoteEditing | null) {
  const store = useStoreApi();
  const [moved, setMoved] = useState<Point | null>(null);
  const start = useRef<{ part: "at" | "size"; x: number; y: number } | null>(null);
  const latest = useRef<Point>([0, 0]);
  const part = start.current?.part;
  const place = {
    at: moved && part === "at" ? moved : note.at,
    size: moved && part === "size" ? moved : note.size,
  };

  const drag = (which: "at" | "size") => {
    if (!editing) return {};
    return {
      onPointerDown(event: PointerEvent<HTMLElement>) {
        if (event.button !== 0 || (event.target as Element).closest("a, button")) return;
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { part: which, x: event.clientX, y: event.clientY };
      },
      onPointerMove(event: PointerEvent<HTMLElement>) {
        const from = start.current;
        if (!from || from.part !== which) return;
        const zoom = store.getState().transform[2];
        const [x, y] = note[which];
        const to = snap([x + (event.clientX - from.x) / zoom, y + (event.clientY - from.y) / zoom]);
        latest.current =
          which === "size" ? [Math.max(LEAST[0], to[0]), Math.max(LEAST[1], to[1])] : to;
        setMoved(latest.current);
      },
      onPointerUp: () => end(which),
      onPointerCancel: () => end(null),
    };
  };

  function end(which: "at" | "size" | null): void {
    if (which && moved && start.current?.part === which) {
      editing?.onChange(id, { [which]: latest.current }, false);
    }
    start.current = null;
    setMoved(null);
  }

  return { place, drag };
}
