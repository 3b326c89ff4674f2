import type { ReactElement } from "react";
import { createRoot } from "react-dom/client";
import type { Mount } from "../islands";
import { DocumentError } from "../model/document";
import { t } from "../words/t";
import type { EditorBoot } from "./boot";
import { Editor } from "./Editor";
import { loadLaterWhenIdle } from "./LaterPart";
import { openSession } from "./opening";

/** Start the editor in its element, once it is known what this browser still holds. */
export const mountEditor: Mount = (element, boot) => {
  const root = createRoot(element);
  openSession(boot as EditorBoot).then(
    (session) => {
      root.render(<Editor session={session} />);
      loadLaterWhenIdle();
    },
    (error: unknown) => {
      if (!(error instanceof DocumentError)) throw error;
      root.render(<Unreadable boot={boot as EditorBoot} message={error.message} />);
    },
  );
};

/** Not even the places of its steps can be told: it is mended outside, or an older one brought back. */
function Unreadable({ boot, message }: { boot: EditorBoot; message: string }): ReactElement {
  const here = `${boot.urls.workflows}${boot.workflow.id}`;
  return (
    <p className="notice notice--error" role="alert">
      <span className="notice__body">
        {t("The draft of this workflow cannot be shown on a canvas: {error}", { error: message })}{" "}
        <a href={`${here}/export?format=json`}>{t("Download the draft as JSON")}</a>
        {" · "}
        <a href={`${here}/versions/`}>{t("Versions of this workflow")}</a>
      </span>
    </p>
  );
}
