import { t } from "../words/t";
/** How the page is tied to its run. The document on screen never changes with it. */
export type LinkState =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** The link was lost; the next try comes in `delayMs`. */
  | { readonly kind: "retrying"; readonly failures: number; readonly delayMs: number }
  /** Sockets do not get through: the API is asked again and again instead. */
  | { readonly kind: "polling" }
  /** Neither sockets nor the API answer; both are tried again. */
  | { readonly kind: "offline"; readonly delayMs: number }
  | { readonly kind: "refused"; readonly why: "signed-out" | "forbidden" | "gone" }
  /** The run is over and every event was given. */
  | { readonly kind: "ended"; readonly status: string }
  /** The page closed the link itself. */
  | { readonly kind: "closed" };

/** What to tell the user about the link, or null when there is nothing to tell. */
export function linkNotice(state: LinkState): string | null {
  switch (state.kind) {
    case "retrying":
      return state.failures < 2 ? null : t("Connection lost. Reconnecting; nothing is missed.");
    case "polling":
      return t("Live connection blocked. This page asks for news every second instead.");
    case "offline":
      return t("The server does not answer. This page keeps trying; the run is not affected.");
    case "refused":
      return REFUSALS[state.why];
    default:
      return null;
  }
}

const REFUSALS = {
  "signed-out": t("You are signed out. Sign in again to follow this run."),
  forbidden: t("You may not follow this run."),
  gone: t("This run does not exist any more."),
} as const;
