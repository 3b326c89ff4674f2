import { createRoot } from "react-dom/client";
import { toDocument } from "../model/document";
import type { RunBoot } from "./boot";
import { loadLaterWhenIdle } from "./LaterPart";
import { RunPage } from "./RunPage";
import "./run.css";
import { RunStore } from "./store";

/**
 * Bring the run page to life. What the server wrote for readers without JavaScript (the head of
 * the page, the error, the tables) is replaced by the live view.
 */
export function mountRun(element: HTMLElement, boot: unknown): void {
  const given = boot as RunBoot;
  const store = new RunStore({ ...given, document: toDocument(given.document) });
  for (const part of document.querySelectorAll(".run-head, .run-notice")) part.remove();
  element.replaceChildren();
  element.classList.add("rp-island");
  createRoot(element).render(<RunPage store={store} />);
  loadLaterWhenIdle();
  const close = store.open();
  window.addEventListener("pagehide", (event) => {
    if (!event.persisted) close();
  });
}
