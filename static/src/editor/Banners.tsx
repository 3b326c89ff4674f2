import { type ReactElement, useEffect } from "react";
import { Icon } from "../canvas/icons";
import { t } from "../words/t";
import { Banner } from "./Banner";
import { useEditor, useSession } from "./hooks";
import { Later, loadLater, useLater } from "./LaterPart";

/** What needs a decision or must not be missed, above the canvas. */
export function Banners(): ReactElement {
  return (
    <div className="banners">
      <Later part="SaveBanners" />
      <Message />
      <Unloaded />
    </div>
  );
}

/** A message stays so long at least, and as long as it takes to read. */
const MESSAGE_STAYS = 6000;
const LETTER_TAKES = 80;

function Message(): ReactElement | null {
  const session = useSession();
  const notice = useEditor((state) => state.notice);
  const dialog = useEditor((state) => state.dialog);
  useEffect(() => {
    if (!notice || notice.tone === "error") return;
    const stays = Math.max(MESSAGE_STAYS, notice.text.length * LETTER_TAKES);
    const timer = setTimeout(() => session.tell(null), stays);
    return () => clearTimeout(timer);
  }, [notice, session]);
  if (!notice || (dialog && notice.tone === "error")) return null;
  return (
    <Banner tone={notice.tone} alert={notice.tone === "error"} passing={notice.tone !== "error"}>
      <span>{notice.text}</span>
      <button
        type="button"
        className="button button--quiet button--icon button--small"
        aria-label={t("Close this message")}
        onClick={() => session.tell(null)}
      >
        <Icon name="close" size={14} />
      </button>
    </Banner>
  );
}

/** The forms, or another part that comes later, could not be loaded. */
function Unloaded(): ReactElement | null {
  if (useLater() !== "failed") return null;
  return (
    <Banner tone="error" alert>
      <span>
        {t(
          "A part of the editor could not be loaded: the server does not answer. The canvas and your changes are safe.",
        )}
      </span>
      <button
        type="button"
        className="button button--small"
        onClick={() => void loadLater().catch(() => undefined)}
      >
        {t("Try again")}
      </button>
    </Banner>
  );
}
