/**
 * One open editor: the document with its history, what is selected, and the draft on the server.
 * Everything a person does goes through here, whatever it was done with. No React in this file.
 */
import type { Camera } from "../canvas/camera";
import type { ToolLook } from "../canvas/look";
import { placed } from "../canvas/placed";
import type { Command } from "../model/changes";
import { forbiddenKeyIn, forbiddenWords, type GraphDocument, toDocument } from "../model/document";
import * as edits from "../model/edits";
import type { Rect } from "../model/geometry";
import { History } from "../model/history";
import { pathOf } from "../model/paths";
import { mergeProblems, type Problem, validate } from "../model/problems";
import { prune, type Selection, selectEdge, selectNode } from "../model/selection";
import { markOf, shownOf, standFor } from "../model/shown";
import { t } from "../words/t";
import { EditorApi, type Head, type Saved } from "./api";
import type { EditorBoot, ToolSpec } from "./boot";
import type { Person } from "./company";
import type { Journal, Left } from "./journal/journal";
import { type Restored, restored, withoutRestored } from "./restoring";
import { Saver, type SaverPorts } from "./saver";
import { type ChannelPort, Siblings } from "./siblings";
import { type EditorState, firstState, type Notice } from "./state";
import { Store } from "./store";

type Edit = (document: GraphDocument) => Command | null;

export interface SessionPorts {
  readonly journal: Journal;
  /** To the other tabs of this browser. */
  readonly channel: ChannelPort | null;
  /** Unsaved work of an earlier visit; `sure` when no open tab can still be working on it. */
  readonly found: { readonly left: Left; readonly sure: boolean } | null;
  readonly later: SaverPorts["later"];
  readonly now: () => number;
}

export class Session {
  readonly boot: EditorBoot;
  readonly api: EditorApi;
  readonly store: Store<EditorState>;
  readonly saver: Saver;
  readonly tools: ReadonlyMap<string, ToolSpec>;
  camera: Camera | null = null;
  readonly #history: History;
  readonly #ports: SessionPorts;
  readonly #siblings: Siblings;
  #serverProblems: readonly Problem[];

  constructor(boot: EditorBoot, ports: SessionPorts) {
    const { workflow } = boot;
    this.boot = boot;
    this.#ports = ports;
    this.api = new EditorApi(boot.urls.api, boot.urls.workflows, workflow.id);
    this.tools = new Map(boot.tools.map((tool) => [tool.name, tool]));
    this.#serverProblems = workflow.problems;
    const head = this.#firstHead();
    const back = ports.found?.sure ? restored(ports.found.left, head) : null;
    const document = back?.base ?? head.document;
    this.#history = new History(document);
    for (const command of back?.commands ?? []) this.#history.run(command);
    this.saver = this.#makeSaver(head, back);
    this.store = new Store(
      firstState(
        this.document,
        this.#problemsOf(document),
        this.saver.state,
        workflow.published,
        boot.live === true && back === null,
      ),
    );
    this.store.set({ undoLabel: this.#history.undoLabel });
    ports.journal.onTurn = () => this.#journalTurned();
    this.#journalTurned();
    this.#siblings = new Siblings(ports.channel, (heard) => this.saver.heard(heard));
    this.#goOn(head, back);
  }

  get state(): EditorState {
    return this.store.get();
  }
  get document(): GraphDocument {
    return this.#history.document;
  }
  get looks(): ReadonlyMap<string, ToolLook> {
    return this.tools;
  }

  /** False for those who may only look, and once the server said that one may not change it. */
  get canEdit(): boolean {
    return this.boot.workflow.can_edit && this.state.save.kind !== "forbidden";
  }

  /** Asked where something is about to be changed: who may not is told why (`ReadOnly.tsx`). */
  mayEdit(): boolean {
    const { canEdit } = this;
    if (!canEdit) this.store.set({ refused: this.state.refused + 1 });
    return canEdit;
  }

  /** Why the person may not run it; null if he may. */
  get runRefusal(): string | null {
    return this.boot.cannot?.run ?? null;
  }

  /**
   * Do an edit. False when it changed nothing or the person may only look.
   * @param mergeKey joins a burst of typing into one undo step
   */
  edit(edit: Edit, said: string | null = null, mergeKey: string | null = null): boolean {
    const command = this.mayEdit() ? edit(this.document) : null;
    if (!command || this.#refuses(command)) return false;
    const goesOn = this.#history.run(command, mergeKey, this.#ports.now());
    this.#shown();
    this.saver.changed(this.document, command.label, goesOn);
    if (said) this.say(said);
    return true;
  }

  /** What only changes how it is looked at: who may not edit does it for himself alone. */
  look(edit: Edit, said: string): boolean {
    if (this.canEdit) return this.edit(edit, said);
    const command = edit(this.document);
    if (!command) return false;
    this.#history.run(command);
    this.#shown();
    this.say(said);
    return true;
  }

  /** Keys that neither the server nor the journal takes: with one, nothing could be saved any more. */
  #refuses({ before, after }: Command): boolean {
    const key = forbiddenKeyIn(before.parts, after.parts);
    if (key !== null) this.tell({ tone: "error", text: forbiddenWords(key) });
    return key !== null;
  }

  #journalTurned(): void {
    const { works, behind } = this.#ports.journal;
    this.store.set({ kept: works, writing: behind });
  }

  undo(): void {
    this.#travel(this.#history.undo(), "undo");
  }

  redo(): void {
    this.#travel(this.#history.redo(), "redo");
  }

  /** The next edit starts an undo step of its own. */
  seal(): void {
    this.#history.seal();
  }

  select(selection: Selection): void {
    if (selection === this.state.selection) return;
    const { edgeEditor } = this.state;
    const keeps = edgeEditor !== null && selection.edges.has(edgeEditor);
    const gathering = this.state.gathering && selection.nodes.size > 0;
    this.store.set({ selection, gathering, edgeEditor: keeps ? edgeEditor : null });
  }

  /** Select a node and give it the keyboard. */
  goTo(id: string): void {
    this.select(selectNode(id));
    this.focus(id);
  }

  /** Where a node is on the canvas, or the box of the closed group it is in. */
  boxOf(id: string): Rect | undefined {
    return shownOf(this.document).boxes.get(standFor(this.document, id));
  }

  /** Select an edge; the node it starts from keeps the keyboard. */
  goToEdge(id: string): void {
    const edge = this.document.edges.find((each) => each.id === id);
    const middle = edge && pathOf(this.document, edge)?.middle;
    if (middle) {
      this.camera?.reveal({ x: middle[0] - 100, y: middle[1] - 20, width: 200, height: 160 });
    }
    this.select(selectEdge(id));
  }

  focus(id: string): void {
    this.store.set({ focusRequest: { id, turn: (this.state.focusRequest?.turn ?? 0) + 1 } });
  }

  /** Give the keyboard back to the canvas, where it was. */
  backToCanvas(): void {
    const { selection, document } = this.state;
    const edge = document.edges.find((each) => selection.edges.has(each.id));
    const { focus } = selection;
    const held = focus?.kind === "group" ? markOf(focus.id) : focus?.kind === "node" && focus.id;
    const id = held || (edge?.from ?? "");
    this.store.set({ drawer: null, edgeEditor: null, choosing: null });
    this.focus(id);
  }

  /** Open the inspector at a field. */
  focusField(field: string): void {
    const turn = (this.state.fieldRequest?.turn ?? 0) + 1;
    this.store.set({ drawer: "inspector", nodeTab: "settings", fieldRequest: { field, turn } });
  }

  /** Put the keyboard into the log of the run that is shown. */
  focusLog(): void {
    if (this.state.run) this.store.set({ logRequest: this.state.logRequest + 1 });
    else this.say(t("No run is shown"));
  }

  say(text: string): void {
    this.store.set({ said: { text, turn: this.state.said.turn + 1 } });
  }

  tell(notice: Notice | null): void {
    this.store.set({ notice });
  }

  /** Give up what was restored from this browser. What was done since stays. */
  discardFound(): void {
    const { found } = this.state;
    if (!found) return;
    this.store.set({ found: null });
    if (!found.restored) {
      this.#ports.journal.drop(found.tab);
      return;
    }
    const { document: then, without } = found.restored;
    this.edit(
      edits.replace(t("discard restored changes"), withoutRestored(this.document, then, without)),
      t("Restored changes discarded"),
    );
  }

  /** Bring back work that may belong to another open tab: as this tab's own, on a new page. */
  async restoreFound(): Promise<void> {
    const { found } = this.#ports;
    if (!found) return;
    if (!(await this.saver.flush())) {
      const text = t("First this page's own changes have to be saved. See the save state above.");
      this.tell({ tone: "error", text });
      return;
    }
    this.#ports.journal.takeUp(found.left);
    await this.#ports.journal.settled();
    location.reload();
  }

  /** Others came or went. */
  meet(people: readonly Person[]): void {
    const known = new Set(this.state.people.map(({ name }) => name));
    const come = people.filter(({ name }) => !known.has(name)).map(({ name }) => name);
    if (come.length > 0)
      this.say(t("{names} opened this workflow too", { names: come.join(", ") }));
    if (come.length > 0 || people.length !== known.size) this.store.set({ people });
  }

  /** The server's draft is at this revision: show it, unless this page made it. */
  async catchUp(rev: number): Promise<void> {
    await this.saver.idle();
    if (this.saver.knows(rev)) return;
    try {
      this.saver.heard(await this.api.head());
    } catch {
      // The line says it again with its next beat, and the next save meets it anyway.
    }
  }

  /** What this browser keeps of this page is safe elsewhere now. */
  forget(): void {
    this.#ports.journal.clear();
  }

  /** The server's draft as this page got it. */
  #firstHead(): Head {
    const { rev, saved_by, saved_at, draft } = this.boot.workflow;
    return { rev, saved_by, saved_at, document: placed(toDocument(draft)) };
  }

  #goOn(head: Head, back: Restored | null): void {
    const { found, journal } = this.#ports;
    if (!found) return;
    const { tab, at } = found.left;
    if (!back) {
      const changes = found.left.steps.reduce((sum, step) => sum + step.count, 0);
      this.store.set({ found: { tab, at, changes, restored: null } });
      return;
    }
    if (back.commands.length === 0) {
      journal.drop(tab);
      return;
    }
    journal.takeUp(found.left);
    this.saver.goOn(head);
    if (!this.saver.pending) return;
    const { changes } = back;
    // A draft that is older than the edits' ground lacks what was saved before them.
    const without = head.rev < back.rev ? back.base : head.document;
    const restored = { document: this.document, without };
    this.store.set({ found: { tab, at, changes, restored } });
  }

  #travel(command: Command | null, way: "undo" | "redo"): void {
    if (!command) {
      if (this.mayEdit()) this.say(way === "undo" ? t("Nothing to undo") : t("Nothing to redo"));
      return;
    }
    this.#shown();
    const { label } = command;
    const said = way === "undo" ? t("Undone: {label}", { label }) : t("Redone: {label}", { label });
    this.saver.changed(this.document, said);
    this.say(said);
  }

  #shown(): void {
    const { document } = this;
    const selection = prune(this.state.selection, document);
    this.store.set({
      document,
      selection,
      problems: this.#problemsOf(document),
      undoLabel: this.#history.undoLabel,
      redoLabel: this.#history.redoLabel,
      fresh: false,
    });
  }

  #problemsOf(document: GraphDocument): Problem[] {
    return mergeProblems(document, validate(document, this.tools), this.#serverProblems);
  }

  #makeSaver(head: Head, back: Restored | null): Saver {
    const { can_edit, saved_at } = this.boot.workflow;
    const { journal, later } = this.#ports;
    return new Saver(
      { put: (rev, next, how) => this.api.putDraft(rev, next, how), later, journal },
      {
        onState: (save) => this.store.set({ save }),
        onSaved: (saved, sent) => this.#onSaved(saved, sent),
        onReplace: (next, from, joined) => this.#adopt(next, from, joined),
      },
      {
        rev: back?.rev ?? head.rev,
        base: back?.base ?? head.document,
        savedAt: saved_at,
        canEdit: can_edit,
        ...(back ? { unsaved: { document: this.document, changes: back.changes } } : {}),
      },
    );
  }

  /** Others changed the draft too. It is shown; what this person did can still be undone. */
  #adopt(document: GraphDocument, from: Head, joined: boolean): void {
    this.#history.adopt(document);
    this.#shown();
    if (!joined || from.saved_by === this.boot.user.name) return;
    const text = t("{name} changed this workflow too. Both are joined here.", {
      name: from.saved_by ?? t("Somebody"),
    });
    this.say(text);
    this.tell({ tone: "info", text });
  }

  #onSaved(saved: Saved, document: GraphDocument): void {
    this.#siblings.saved({ ...saved, document });
    this.#serverProblems = saved.problems;
    this.store.set({ problems: this.#problemsOf(this.document) });
  }
}
