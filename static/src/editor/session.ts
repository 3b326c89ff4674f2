/**
 * One open editor: the document with its history, what is selected, and the draft on the server.
 * Everything a person does goes through here, whatever it was done with. No React in this file.
 */
import type { Camera } from "../canvas/camera";
import type { ToolLook } from "../canvas/look";
import { placed } from "../canvas/placed";
import type { Command } from "../model/changes";
import { type GraphDocument, toDocument } from "../model/document";
import * as edits from "../model/edits";
import { History } from "../model/history";
import { pathOf } from "../model/paths";
import { mergeProblems, type Problem, validate } from "../model/problems";
import { prune, type Selection, selectEdge, selectNode } from "../model/selection";
import { EditorApi, type Saved } from "./api";
import type { EditorBoot, ToolSpec } from "./boot";
import type { LocalCopies } from "./localCopy";
import { Saver, type SaverPorts } from "./saver";
import { type EditorState, firstState, type Notice } from "./state";
import { Store } from "./store";

type Edit = (document: GraphDocument) => Command | null;

export interface SessionPorts {
  readonly copies: LocalCopies;
  readonly later: SaverPorts["later"];
  readonly now: () => number;
}

export class Session {
  readonly boot: EditorBoot;
  readonly api: EditorApi;
  readonly store: Store<EditorState>;
  readonly saver: Saver;
  readonly tools: ReadonlyMap<string, ToolSpec>;
  readonly canEdit: boolean;
  camera: Camera | null = null;
  readonly #history: History;
  readonly #ports: SessionPorts;
  #serverProblems: readonly Problem[];

  constructor(boot: EditorBoot, ports: SessionPorts) {
    const { workflow } = boot;
    this.boot = boot;
    this.#ports = ports;
    this.api = new EditorApi(boot.urls.api, workflow.id);
    this.tools = new Map(boot.tools.map((tool) => [tool.name, tool]));
    this.canEdit = workflow.can_edit;
    this.#serverProblems = workflow.problems;
    const document = placed(toDocument(workflow.draft));
    this.#history = new History(document);
    this.saver = this.#makeSaver(document);
    this.store = new Store(
      firstState(document, this.#problemsOf(document), this.saver.state, workflow.published),
    );
    this.#restore();
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

  /** False when this browser cannot keep unsaved work. */
  get localWorks(): boolean {
    return this.#ports.copies.works;
  }

  /**
   * Do an edit. False when it changed nothing or the person may only look.
   * @param mergeKey joins a burst of typing into one undo step
   */
  edit(edit: Edit, said: string | null = null, mergeKey: string | null = null): boolean {
    const command = this.canEdit ? edit(this.document) : null;
    if (!command) return false;
    this.#history.run(command, mergeKey, this.#ports.now());
    this.#shown();
    if (said) this.say(said);
    return true;
  }

  undo(): void {
    this.#travel(this.#history.undo(), "Undone");
  }

  redo(): void {
    this.#travel(this.#history.redo(), "Redone");
  }

  /** The next edit starts an undo step of its own. */
  seal(): void {
    this.#history.seal();
  }

  select(selection: Selection): void {
    if (selection === this.state.selection) return;
    const { edgeEditor } = this.state;
    const keeps = edgeEditor !== null && selection.edges.has(edgeEditor);
    this.store.set({ selection, edgeEditor: keeps ? edgeEditor : null });
  }

  /** Select a node and give it the keyboard. */
  goTo(id: string): void {
    this.select(selectNode(id));
    this.focus(id);
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
    const id = selection.focus?.kind === "node" ? selection.focus.id : (edge?.from ?? "");
    this.store.set({ drawer: null, edgeEditor: null, choosing: null });
    this.focus(id);
  }

  /** Open the inspector at a field. */
  focusField(field: string): void {
    const turn = (this.state.fieldRequest?.turn ?? 0) + 1;
    this.store.set({ drawer: "inspector", fieldRequest: { field, turn } });
  }

  /** Put the keyboard into the log of the run that is shown. */
  focusLog(): void {
    if (this.state.run) this.store.set({ logRequest: this.state.logRequest + 1 });
    else this.say("No run is shown");
  }

  say(text: string): void {
    this.store.set({ said: { text, turn: this.state.said.turn + 1 } });
  }

  tell(notice: Notice | null): void {
    this.store.set({ notice });
  }

  /** Give up what was restored from this browser and show the server's draft again. */
  discardFound(): void {
    const { found } = this.state;
    if (!found) return;
    this.#ports.copies.drop(found.copy.key);
    this.store.set({ found: null });
    if (!found.restored) return;
    this.edit(
      edits.replace("discard restored changes", placed(toDocument(this.boot.workflow.draft))),
      "Restored changes discarded",
    );
  }

  /** Bring back work that another tab or an earlier visit left. */
  restoreFound(): void {
    const { found } = this.state;
    if (!found) return;
    this.edit(edits.replace("restore unsaved changes", found.copy.document), "Changes restored");
    this.#ports.copies.drop(found.copy.key);
    this.store.set({ found: null });
  }

  #restore(): void {
    const copy = this.canEdit ? this.#ports.copies.find() : null;
    if (!copy) return;
    const restored = copy.own && copy.rev === this.boot.workflow.rev;
    if (restored) this.edit(edits.replace("restore unsaved changes", copy.document));
    this.store.set({ found: { copy, restored } });
  }

  #travel(command: Command | null, word: string): void {
    if (!command) {
      this.say(word === "Undone" ? "Nothing to undo" : "Nothing to redo");
      return;
    }
    this.#shown();
    this.say(`${word}: ${command.label}`);
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
    this.saver.changed(document);
  }

  #problemsOf(document: GraphDocument): Problem[] {
    return mergeProblems(document, validate(document, this.tools), this.#serverProblems);
  }

  #makeSaver(document: GraphDocument): Saver {
    const { workflow } = this.boot;
    const { copies, later } = this.#ports;
    return new Saver(
      { put: (rev, next, leaving) => this.api.putDraft(rev, next, leaving), later, copies },
      {
        onState: (save) => this.store.set({ save }),
        onSaved: (saved) => this.#onSaved(saved),
        onReplace: (next, label) => {
          const text = `Somebody saved meanwhile. Done: ${label}. Undo takes it back.`;
          if (this.edit(edits.replace(label, placed(next)), text))
            this.tell({ tone: "info", text });
        },
      },
      { rev: workflow.rev, document, savedAt: workflow.saved_at, canEdit: workflow.can_edit },
    );
  }

  #onSaved(saved: Saved): void {
    this.#serverProblems = saved.problems;
    this.store.set({ problems: this.#problemsOf(this.document) });
  }
}
