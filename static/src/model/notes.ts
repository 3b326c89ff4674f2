/**
 * Sticky notes: words beside the graph. They live in the document's `meta.notes`, which no run
 * reads and no hash covers, so a note never makes a new version.
 */
import { t } from "../words/t";
import { type GraphDocument, isObject, type Point } from "./document";
import { freshId } from "./ids";
import { withPath } from "./nodes";

export const TONES = ["amber", "blue", "green", "rose"] as const;
export type Tone = (typeof TONES)[number];

export interface Note {
  readonly at: Point;
  /** Width and height. */
  readonly size: Point;
  /** Markdown, see `markdown.ts`. */
  readonly text: string;
  readonly tone: Tone;
}

export const FRESH_SIZE: Point = [240, 120];
export const LEAST: Point = [120, 56];
export const MOST_LETTERS = 4000;

const read = new WeakMap<object, ReadonlyMap<string, Note>>();

/** The notes of a document by id, in order; what is not shaped like a note is left out. */
export function notesOf(document: GraphDocument): ReadonlyMap<string, Note> {
  const meta = document.meta;
  const raw = isObject(meta) ? meta.notes : undefined;
  if (!isObject(raw)) return NONE;
  const known = read.get(raw);
  if (known) return known;
  const notes = new Map(Object.entries(raw).flatMap(([id, note]) => toNote(id, note)));
  read.set(raw, notes);
  return notes;
}

const NONE: ReadonlyMap<string, Note> = new Map();

function toNote(id: string, raw: unknown): [string, Note][] {
  if (!isObject(raw) || typeof raw.text !== "string") return [];
  const tone = TONES.find((each) => each === raw.tone) ?? "amber";
  const size = toPoint(raw.size) ?? FRESH_SIZE;
  return [[id, { at: toPoint(raw.at) ?? [0, 0], size, text: raw.text, tone }]];
}

function toPoint(raw: unknown): Point | null {
  if (!Array.isArray(raw) || raw.length !== 2) return null;
  const [x, y] = raw;
  return Number.isFinite(x) && Number.isFinite(y) ? [x, y] : null;
}

export function freshNoteId(document: GraphDocument): string {
  const notes = notesOf(document);
  return freshId("note", (id) => notes.has(id));
}

/** Put a note, in the place of one with the same id. */
export function putNote(document: GraphDocument, id: string, note: Note): GraphDocument {
  return withPath(document, ["meta", "notes", id], note);
}

/** Change some of a note; the same document when nothing changes. */
export function changeNote(
  document: GraphDocument,
  id: string,
  change: Partial<Note>,
): GraphDocument {
  const note = notesOf(document).get(id);
  if (!note) return document;
  const next = { ...note, ...change };
  const same = (Object.keys(next) as (keyof Note)[]).every(
    (key) => String(next[key]) === String(note[key]),
  );
  return same ? document : putNote(document, id, next);
}

export function removeNote(document: GraphDocument, id: string): GraphDocument {
  return notesOf(document).has(id)
    ? withPath(document, ["meta", "notes", id], undefined)
    : document;
}

/** A note's words for who hears them: its first line, without marks. */
export function firstWords(note: Note): string {
  const line = note.text.split("\n").find((each) => each.trim()) ?? "";
  const words = line.replace(/[#*_`>-]+/g, " ").replace(/\s+/g, " ");
  return words.trim().slice(0, 80) || t("empty");
}
