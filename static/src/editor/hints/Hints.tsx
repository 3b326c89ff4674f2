import { type ReactElement, type ReactNode, useState } from "react";
import { Icon } from "../../canvas/icons";
import { rich } from "../../words/rich";
import { t } from "../../words/t";
import { useEditor, useSession } from "../hooks";
import { keyNames } from "../keyNames";
import { keepHintsSeen } from "./seen";

const key = (name: string) => <kbd>{keyNames(name)}</kbd>;

const HINTS: readonly { readonly title: string; readonly words: ReactNode }[] = [
  {
    title: t("Build"),
    words: rich(
      t(
        "Drag a step from this list, or press {n} on the canvas. Draw a connection from the dot on its right side; {c} does it by keyboard.",
      ),
      { n: key("N"), c: key("C") },
    ),
  },
  {
    title: t("Try it out"),
    words: rich(
      t(
        "{run} runs the draft, {part} runs it up to a step. {p} pins what a step gave, so that it is not called again.",
      ),
      { run: key("Ctrl+Enter"), part: key("Shift+Enter"), p: key("P") },
    ),
  },
  {
    title: t("Nothing is lost"),
    words: rich(
      t(
        "Each change is saved as a draft at once, and {undo} takes it back. Programs run what you publish.",
      ),
      { undo: key("Ctrl+Z") },
    ),
  },
  {
    title: t("Everything has a name"),
    words: rich(
      t(
        "{find} finds each step and does anything by its name. {keys} on the canvas lists all keys.",
      ),
      { find: key("Ctrl+K"), keys: key("?") },
    ),
  },
];

/** What helps on the first visit: beside the canvas, in nobody's way, gone for good when closed. */
export function Hints(): ReactElement | null {
  const session = useSession();
  const shown = useEditor((state) => state.hints);
  const [at, setAt] = useState(0);
  const hint = HINTS[at];
  if (!shown || !hint) return null;
  const close = () => {
    keepHintsSeen(true);
    session.store.set({ hints: false });
    session.backToCanvas();
  };
  const last = at === HINTS.length - 1;
  return (
    <section
      className="hints"
      aria-label={t("First steps")}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
    >
      <header className="hints__head">
        <h3 className="hints__title">{hint.title}</h3>
        <button
          type="button"
          className="button button--quiet button--icon button--small"
          aria-label={t("Put the hints away")}
          title={t("Put the hints away (Esc)")}
          onClick={close}
        >
          <Icon name="close" size={14} />
        </button>
      </header>
      <p className="hints__words" aria-live="polite">
        {hint.words}
      </p>
      <footer className="hints__foot">
        <span
          className="hints__place"
          role="img"
          aria-label={t("Hint {n} of {total}", { n: at + 1, total: HINTS.length })}
        >
          {HINTS.map((each, index) => (
            <span
              key={each.title}
              className={index === at ? "hints__dot hints__dot--on" : "hints__dot"}
            />
          ))}
        </span>
        <button
          type="button"
          className="button button--small"
          onClick={() => (last ? close() : setAt(at + 1))}
        >
          {last ? t("Got it") : t("Next")}
        </button>
      </footer>
    </section>
  );
}
