import { type ReactElement, useEffect } from "react";
import { isTyping } from "../canvas/keys";
import { Banners } from "./Banners";
import { clipText, deleteSelected, pasteText } from "./clipping";
import { Dialogs } from "./Dialogs";
import { SessionProvider, useEditor, useSession } from "./hooks";
import { Inspector } from "./Inspector";
import { pageKey } from "./keys";
import { Palette } from "./Palette";
import { ProblemsPanel } from "./Problems";
import { RunDrawer } from "./RunDrawer";
import { Stage } from "./Stage";
import type { Session } from "./session";
import { TopBar } from "./TopBar";

/** The whole editor of one workflow. */
export function Editor({ session }: { session: Session }): ReactElement {
  return (
    <SessionProvider value={session}>
      <Frame />
    </SessionProvider>
  );
}

function Frame(): ReactElement {
  const session = useSession();
  const drawer = useEditor((state) => state.drawer);
  usePageEvents(session);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys and the clipboard bubble up to it
    <div
      className={`editor${session.canEdit ? "" : " editor--readonly"}`}
      data-drawer={drawer ?? undefined}
      onKeyDown={(event) => {
        if (!event.defaultPrevented && pageKey(session, event)) event.preventDefault();
      }}
      onCopy={(event) => copyInto(session, event)}
      onCut={(event) => {
        if (copyInto(session, event)) deleteSelected(session);
      }}
      onPaste={(event) => {
        if (isTyping(event.target)) return;
        if (pasteText(session, event.clipboardData.getData("text/plain"))) event.preventDefault();
      }}
    >
      <TopBar />
      <Banners />
      {session.canEdit && <Palette />}
      <div className="stage">
        <div className="stage__canvas">
          <Stage />
        </div>
        <ProblemsPanel />
        <RunDrawer />
      </div>
      <Inspector />
      <Dialogs />
      <Voice />
    </div>
  );
}

interface ClipEvent {
  readonly target: EventTarget;
  readonly clipboardData: DataTransfer;
  preventDefault(): void;
}

function copyInto(session: Session, event: ClipEvent): boolean {
  const text =
    isTyping(event.target) || !window.getSelection()?.isCollapsed ? null : clipText(session);
  if (text === null) return false;
  event.clipboardData.setData("text/plain", text);
  event.preventDefault();
  session.say("Copied");
  return true;
}

/** What a screen reader is told. Two places take turns, so that the same words sound twice. */
function Voice(): ReactElement {
  const { text, turn } = useEditor((state) => state.said);
  return (
    <>
      {[0, 1].map((place) => (
        <div key={place} className="visually-hidden" role="status" aria-live="polite">
          {turn % 2 === place ? text : ""}
        </div>
      ))}
    </>
  );
}

function usePageEvents(session: Session): void {
  useEffect(() => {
    const leave = () => session.saver.leave();
    const online = () => session.saver.retryNow();
    window.addEventListener("pagehide", leave);
    window.addEventListener("online", online);
    return () => {
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("online", online);
    };
  }, [session]);
}
