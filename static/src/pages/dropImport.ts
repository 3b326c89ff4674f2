/**
 * A page with a `<form data-drop-import>` takes workflow files that are dropped anywhere on it, and texts
 * that are pasted outside of fields. The form is the one that a person would fill in.
 */
import { looksLikeDocument } from "../model/documentText";
import { t } from "../words/t";

export function dropImport(page: Document): void {
  const form = page.querySelector<HTMLFormElement>("form[data-drop-import]");
  const file = form?.querySelector<HTMLInputElement>("input[type=file]");
  const text = form?.querySelector<HTMLTextAreaElement>("textarea");
  if (!form || !file || !text) return;
  const veil = makeVeil(page);
  page.addEventListener("dragover", (event) => {
    if (!bringsFile(event)) return;
    event.preventDefault();
    veil.hidden = false;
  });
  page.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) veil.hidden = true;
  });
  page.addEventListener("drop", (event) => {
    veil.hidden = true;
    const files = event.dataTransfer?.files;
    if (!files?.length || !bringsFile(event)) return;
    event.preventDefault();
    file.files = files;
    form.submit();
  });
  page.addEventListener("paste", (event) => {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    if (isField(event.target) || !looksLikeDocument(pasted)) return;
    event.preventDefault();
    text.value = pasted;
    form.submit();
  });
}

const bringsFile = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

const isField = (target: EventTarget | null) =>
  target instanceof Element && target.closest("input, textarea, select") !== null;

function makeVeil(page: Document): HTMLElement {
  const veil = page.createElement("div");
  veil.className = "drop-veil";
  veil.hidden = true;
  veil.setAttribute("role", "status");
  const words = page.createElement("p");
  words.className = "drop-veil__words";
  words.textContent = t("Drop a workflow file: JSON or YAML");
  veil.append(words);
  page.body.append(veil);
  return veil;
}
