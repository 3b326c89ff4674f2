import { knowFiles } from "./files";
import { t } from "./words/t";

/** Starts one island in its element. `boot` is the JSON the server wrote into the page. */
export type Mount = (element: HTMLElement, boot: unknown) => void;

interface Boot {
  readonly urls?: { readonly files?: Readonly<Record<string, string>> };
}

/** Mount the island in the page's `data-island` element of that name, with the page's boot data. */
export function mountIsland(page: Document, name: string, mount: Mount): void {
  const element = page.querySelector<HTMLElement>(`[data-island="${name}"]`);
  if (!element) return;
  const boot = readBoot(page.getElementById("boot")?.textContent ?? "null");
  if (boot === HALF) {
    element.replaceChildren(apology(page));
    return;
  }
  knowFiles((boot as Boot | null)?.urls?.files ?? {});
  mount(element, boot);
}

const HALF = Symbol("half");

/** A connection that broke leaves a page with half of its data; nothing may be made of that. */
function readBoot(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return HALF;
  }
}

function apology(page: Document): HTMLElement {
  const notice = page.createElement("p");
  notice.className = "notice notice--error";
  notice.setAttribute("role", "alert");
  notice.textContent = t("This page did not arrive whole. Nothing was changed: load it again.");
  return notice;
}
