import type { ReactElement } from "react";
import { t, tp } from "../words/t";
import { Dialog } from "./Dialog";
import { KeySettings } from "./KeySettings";
import { keyNames } from "./keyNames";

const SHEET: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    t("Build"),
    [
      ["N", t("Add a step after the selected one, or into the selected connection")],
      ["C", t("Connect: arrows or a name choose the target, Enter connects")],
      ["E", t("Select the next connection of the step")],
      ["Enter", t("Open the settings of a step, or edit the condition of a connection")],
      ["F2", t("Give the step another title, on the canvas")],
      ["Shift+S", t("Add a sticky note; Enter writes on it, Shift+arrows move it")],
      ["D", t("Switch steps off, so that runs pass them by, or on again")],
      ["Delete", t("Delete; with Ctrl join what it stood between")],
      ["Ctrl+G", t("Group the selected steps; Enter closes a group to one box and opens it")],
      ["Ctrl+Shift+G", t("Ungroup, or take the selected steps out of their group")],
      ["Alt+X", t("Make a workflow of the selected steps")],
      ["Shift+Alt+T", t("Tidy up")],
    ],
  ],
  [
    t("Select and move"),
    [
      [t("Arrow keys"), t("Go to the nearest step")],
      ["Space", t("Add to the selection")],
      [t("Shift+arrows"), t("Move by 8; with Ctrl instead of Shift by 1")],
      ["Shift+Alt+←/→", t("Select all before / all after")],
      ["Ctrl+A", t("Select all")],
      ["Esc", t("Select nothing, close")],
    ],
  ],
  [
    t("Edit"),
    [
      ["Ctrl+Z", t("Undo")],
      ["Ctrl+Shift+Z, Ctrl+Y", t("Redo")],
      ["Ctrl+C, Ctrl+X, Ctrl+V", t("Copy, cut, paste, also between workflows")],
      ["Ctrl+Shift+V", t("Paste, joined to what the originals are joined to")],
      ["Ctrl+D", t("Duplicate")],
    ],
  ],
  [
    t("View"),
    [
      ["1", t("Show all")],
      [".", t("Show the selection")],
      ["0", "100 %"],
      ["+, −", t("Zoom")],
      ["/, Ctrl+F", t("Find a step")],
      ["Ctrl+K", t("Do or find anything")],
      ["L", t("The log of the run and back; F follows its end")],
      ["I", t("What the step was given in the last run, and its settings again; O: what it gave")],
      ["Ctrl+Space", t("In an expression: what can be written here, with last values")],
      ["F8", t("Go to the next problem")],
      ["Alt+M", t("Map")],
      ["Alt+O", t("The outline, in which everything can be done as well, and the canvas again")],
      [t("Space+drag"), t("Move the paper; the wheel does too")],
      ["H", t("A drag moves the paper; V: it selects again")],
    ],
  ],
  [
    tp("verb", "Run"),
    [
      ["Ctrl+Enter", t("Run the draft")],
      ["Shift+Enter", t("Run up to the step")],
      ["P", t("Pin the last output of the step, so that test runs do not call it; again to unpin")],
      ["Ctrl+Alt+Enter", t("Stop the run")],
      ["Ctrl+S", t("Publish a version")],
      ["?", t("This sheet")],
    ],
  ],
];

export function ShortcutSheet(): ReactElement {
  return (
    <Dialog title={t("Keyboard")} wide>
      <p className="dialog__words">
        {t("Single letters act only while the canvas has the keyboard.")}
      </p>
      <KeySettings />
      <div className="keys">
        {SHEET.map(([group, rows]) => (
          <section key={group} className="keys__group">
            <h3 className="form-group__title">{group}</h3>
            <dl>
              {rows.map(([key, words]) => (
                <div className="keys__row" key={key}>
                  <dt>
                    {keyNames(key)
                      .split(", ")
                      .map((each) => (
                        <kbd key={each}>{each}</kbd>
                      ))}
                  </dt>
                  <dd>{words}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
