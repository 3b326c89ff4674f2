import { type ReactElement, type KeyboardEvent as ReactKeys, useLayoutEffect } from "react";
import { isTyping } from "../canvas/keys";
import { t } from "../words/t";
import { Banners } from "./Banners";
import { clipText, deleteSelected, pasteText } from "./clipping";
import { Dialogs } from "./Dialogs";
import { Guard } from "./Guard";
import { SessionProvider, useEditor, useSession } from "./hooks";
import { Inspector } from "./Inspector";
import { offerText } from "./importing";
import { historyKey, pageKey } from "./keys";
import { Later } from "./LaterPart";
import { Palette } from "./Palette";
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
  const outline = useEditor((state) => state.outline);
  // What one may do can change while the page is open; everything below shows it.
  useEditor((state) => state.save.kind === "forbidden");
  usePageEvents(session);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys and the clipboard bubble up to it
    <div
      className={`editor${session.canEdit ? "" : " editor--readonly"}`}
      data-drawer={drawer ?? undefined}
      onKeyDown={(event) => heed(session, event)}
      onCopy={(event) => copyInto(session, event)}
      onCut={(event) => {
        if (copyInto(session, event)) deleteSelected(session);
      }}
      onPaste={(event) => {
        if (isTyping(event.target)) return;
        const text = event.clipboardData.getData("text/plain");
        if (pasteText(session, text) || offerText(session, text)) event.preventDefault();
        else nothingPasted(session);
      }}
    >
      <TopBar />
      <Banners />
      {session.canEdit && <Palette />}
      <div className="stage">
        <div className={outline ? "stage__canvas stage__canvas--outline" : "stage__canvas"}>
          <Guard>
            <Stage />
          </Guard>
        </div>
        <Later part="ProblemsPanel" />
        <Later part="RunDrawer" />
      </div>
      <Inspector />
      <Dialogs />
      <Later part="DropVeil" />
      <Later part="AddressKeeper" />
      <Voice />
    </div>
  );
}

function heed(session: Session, event: KeyboardEvent | ReactKeys): void {
  if (event.defaultPrevented) return;
  const used = pageKey(session, event) || (!isTyping(event.target) && historyKey(session, event));
  if (used) event.preventDefault();
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
  session.say(t("Copied"));
  return true;
}

function nothingPasted(session: Session): void {
  if (!session.mayEdit()) return;
  const text = t("The clipboard has no steps in it.");
  session.say(text);
  session.tell({ tone: "info", text });
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
  useLayoutEffect(() => {
    const leave = () => {
      // What a field takes in when it is left is taken in now.
      const field = document.activeElement;
      if (field instanceof HTMLElement && isTyping(field)) field.blur();
      session.saver.leave();
    };
    const online = () => session.saver.retryNow();
    // Nothing has the keyboard yet, or what had it is gone.
    const stray = (event: KeyboardEvent) => {
      if (event.target === document.body && !session.state.dialog) heed(session, event);
    };
    window.addEventListener("keydown", stray);
    window.addEventListener("pagehide", leave);
    window.addEventListener("online", online);
    return () => {
      window.removeEventListener("keydown", stray);
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("online", online);
    };
  }, [session]);
}
