import { createRoot } from "react-dom/client";
import { addressOf, type RunItem } from "../run/boot";
import type { ReviewBoot } from "./boot";
import { ReviewPage } from "./ReviewPage";
import { enhanceForm } from "./startForm";
import { ReviewStore } from "./store";
import "./review.css";

/** Bring a review page to life: the form that starts one, or the report of one. */
export function mountReview(element: HTMLElement, boot: unknown): void {
  const given = boot as ReviewBoot;
  const page = element.closest("main") ?? document.body;
  if (given.run) {
    showReview(page, given, given.run, given.report);
    return;
  }
  enhanceForm(element, given, (run) => {
    window.history.pushState({ review: run.id }, "", addressOf(given.urls.review, run.id));
    openOverForm(page, given, run);
  });
}

/** Show a review in the place of the form; Back brings the form back as it was left. */
function openOverForm(page: Element, boot: ReviewBoot, run: RunItem): void {
  const title = document.title;
  const close = showReview(page, boot, run, null);
  page.querySelector<HTMLElement>(".rv-title")?.focus();
  const onPop = () => {
    window.removeEventListener("popstate", onPop);
    if (window.history.state?.review) {
      window.location.reload();
      return;
    }
    close();
    document.title = title;
  };
  window.addEventListener("popstate", onPop);
}

/** Draw a review over what the page holds. Returns what takes it away again. */
function showReview(
  page: Element,
  boot: ReviewBoot,
  run: RunItem,
  report: ReviewBoot["report"],
): () => void {
  const covered = [...page.children].filter((child) => !child.hasAttribute("hidden"));
  for (const child of covered) child.setAttribute("hidden", "");
  const host = document.createElement("div");
  host.className = "stack rv-page";
  page.append(host);
  const store = new ReviewStore(run, report, boot.urls);
  const root = createRoot(host);
  root.render(<ReviewPage store={store} />);
  const stop = store.open();
  return () => {
    stop();
    root.unmount();
    host.remove();
    for (const child of covered) child.removeAttribute("hidden");
  };
}
