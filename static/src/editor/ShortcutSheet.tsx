import type { ReactElement } from "react";
import { Dialog } from "./Dialog";

const SHEET: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    "Build",
    [
      ["N", "Add a step after the selected one, or into the selected connection"],
      ["C", "Connect: arrows or a name choose the target, Enter connects"],
      ["E", "Select the next connection of the step"],
      ["Enter", "Open the settings of a step, or edit the condition of a connection"],
      ["F2", "Rename"],
      ["Shift+S", "Add a sticky note; Enter writes on it, Shift+arrows move it"],
      ["D", "Switch steps off, so that runs pass them by, or on again"],
      ["Delete", "Delete; with Ctrl join what it stood between"],
      ["Shift+Alt+T", "Tidy up"],
    ],
  ],
  [
    "Select and move",
    [
      ["Arrow keys", "Go to the nearest step"],
      ["Space", "Add to the selection"],
      ["Shift+arrows", "Move by 8; with Ctrl instead of Shift by 1"],
      ["Shift+Alt+←/→", "Select all before / all after"],
      ["Ctrl+A", "Select all"],
      ["Esc", "Select nothing, close"],
    ],
  ],
  [
    "Edit",
    [
      ["Ctrl+Z", "Undo"],
      ["Ctrl+Shift+Z, Ctrl+Y", "Redo"],
      ["Ctrl+C, Ctrl+X, Ctrl+V", "Copy, cut, paste, also between workflows"],
      ["Ctrl+D", "Duplicate"],
    ],
  ],
  [
    "View",
    [
      ["1", "Show all"],
      [".", "Show the selection"],
      ["0", "100 %"],
      ["+ −", "Zoom"],
      ["/ or Ctrl+F", "Find a step"],
      ["Ctrl+K", "Do or find anything"],
      ["L", "The log of the run; Esc leads back"],
      ["F8", "Go to the next problem"],
      ["Alt+M", "Map"],
      ["Space+drag", "Move the paper; the wheel does too"],
    ],
  ],
  [
    "Run",
    [
      ["Ctrl+Enter", "Run the draft"],
      ["Ctrl+Alt+Enter", "Stop the run"],
      ["Ctrl+S", "Publish a version"],
      ["?", "This sheet"],
    ],
  ],
];

export function ShortcutSheet(): ReactElement {
  return (
    <Dialog title="Keyboard" wide>
      <p className="dialog__words">Single letters act only while the canvas has the keyboard.</p>
      <div className="keys">
        {SHEET.map(([group, rows]) => (
          <section key={group} className="keys__group">
            <h3 className="form-group__title">{group}</h3>
            <dl>
              {rows.map(([key, words]) => (
                <div className="keys__row" key={key}>
                  <dt>
                    <kbd>{key}</kbd>
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
