import { type ReactElement, type ReactNode, useEffect } from "react";
import { Icon } from "../canvas/icons";
import { useEditor, useSession } from "./hooks";

/** What needs a decision or must not be missed, above the canvas. */
export function Banners(): ReactElement {
  return (
    <div className="banners">
      <Conflict />
      <Restored />
      <Message />
    </div>
  );
}

function Conflict(): ReactElement | null {
  const session = useSession();
  const save = useEditor((state) => state.save);
  if (save.kind !== "conflict") return null;
  const who = save.head.saved_by ?? "Someone";
  const what = save.what.slice(0, 4).join(", ");
  const more = save.what.length > 4 ? ` and ${save.what.length - 4} more` : "";
  return (
    <Banner tone="warning" alert>
      <span>
        <strong>{who} saved this workflow while you were editing it.</strong> You both changed{" "}
        {what}
        {more}. Nothing is overwritten until you choose.
      </span>
      <span className="banner__actions">
        <button
          type="button"
          className="button button--small"
          title={`Join both; where you both changed the same thing, yours stays`}
          onClick={() => session.saver.resolve("mine")}
        >
          Join, keep mine there
        </button>
        <button
          type="button"
          className="button button--small"
          title="Show the other version; undo brings yours back"
          onClick={() => session.saver.resolve("theirs")}
        >
          Take the other version
        </button>
      </span>
    </Banner>
  );
}

function Restored(): ReactElement | null {
  const session = useSession();
  const found = useEditor((state) => state.found);
  if (!found) return null;
  const { copy, restored } = found;
  const count = `${copy.changes} unsaved ${copy.changes === 1 ? "change" : "changes"}`;
  const when = new Date(copy.savedAt).toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
  });
  return (
    <Banner tone="info">
      <span>
        {restored
          ? `Restored ${count} from ${when} that had not reached the server.`
          : `This browser holds ${count} from ${when}, made in another tab or on an older version.`}
      </span>
      <span className="banner__actions">
        {restored ? (
          <button
            type="button"
            className="button button--small"
            onClick={() => session.store.set({ found: null })}
          >
            Keep them
          </button>
        ) : (
          <button
            type="button"
            className="button button--small"
            onClick={() => session.restoreFound()}
          >
            Show them
          </button>
        )}
        <button
          type="button"
          className="button button--small"
          onClick={() => session.discardFound()}
        >
          Discard
        </button>
      </span>
    </Banner>
  );
}

const MESSAGE_STAYS = 6000;

function Message(): ReactElement | null {
  const session = useSession();
  const notice = useEditor((state) => state.notice);
  const dialog = useEditor((state) => state.dialog);
  useEffect(() => {
    if (!notice || notice.tone === "error") return;
    const timer = setTimeout(() => session.tell(null), MESSAGE_STAYS);
    return () => clearTimeout(timer);
  }, [notice, session]);
  if (!notice || (dialog && notice.tone === "error")) return null;
  return (
    <Banner tone={notice.tone} alert={notice.tone === "error"}>
      <span>{notice.text}</span>
      <button
        type="button"
        className="button button--quiet button--icon button--small"
        aria-label="Close this message"
        onClick={() => session.tell(null)}
      >
        <Icon name="close" size={14} />
      </button>
    </Banner>
  );
}

interface BannerProps {
  readonly tone: "error" | "success" | "info" | "warning";
  readonly alert?: boolean;
  readonly children: ReactNode;
}

function Banner({ tone, alert, children }: BannerProps): ReactElement {
  return (
    <div className={`banner banner--${tone}`} role={alert ? "alert" : undefined}>
      <Icon name={tone === "success" ? "check" : tone === "info" ? "info" : "warning"} />
      {children}
    </div>
  );
}
