import { createRoot } from "react-dom/client";
import type { Mount } from "../islands";
import { DocumentError } from "../model/document";
import type { EditorBoot } from "./boot";
import { Editor } from "./Editor";
import { LocalCopies, tabName } from "./localCopy";
import { Session } from "./session";

/** Start the editor in its element. */
export const mountEditor: Mount = (element, boot) => {
  const root = createRoot(element);
  try {
    root.render(<Editor session={openSession(boot as EditorBoot)} />);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    root.render(
      <p className="notice notice--error" role="alert">
        <span className="notice__body">
          The draft of this workflow cannot be shown on a canvas: {error.message}
        </span>
      </p>,
    );
  }
};

function openSession(boot: EditorBoot): Session {
  const tab = tabName(shelf(() => sessionStorage));
  const copies = new LocalCopies(
    shelf(() => localStorage),
    boot.workflow.id,
    tab,
  );
  return new Session(boot, {
    copies,
    now: () => performance.now(),
    later: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  });
}

/** A browser that forbids storage throws as soon as it is named; then nothing can be kept. */
function shelf(open: () => Storage): Storage {
  try {
    return open();
  } catch {
    return CLOSED;
  }
}

const refuse = (): never => {
  throw new DOMException("This browser forbids storage.", "SecurityError");
};
const CLOSED: Storage = {
  length: 0,
  key: () => null,
  getItem: refuse,
  setItem: refuse,
  removeItem: refuse,
  clear: refuse,
};
