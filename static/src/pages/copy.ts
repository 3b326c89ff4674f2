import { t } from "../words/t";

const SHOWN_MS = 1600;

/** Buttons that copy: `data-copy` holds the text, `data-copy-from` the id of the element that does. */
export function copyButtons(page: Document): void {
  const buttons = page.querySelectorAll<HTMLButtonElement>("[data-copy], [data-copy-from]");
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", () => void copy(page, button));
  }
}

async function copy(page: Document, button: HTMLButtonElement): Promise<void> {
  const source = page.getElementById(button.dataset.copyFrom ?? "");
  const text = button.dataset.copy ?? source?.textContent ?? "";
  try {
    await navigator.clipboard.writeText(text);
    tell(button, t("Copied"));
  } catch {
    // Plain HTTP on another host has no clipboard: select the text, so that Ctrl+C copies it.
    if (source) getSelection()?.selectAllChildren(source);
    tell(button, source ? t("Press Ctrl+C") : text);
  }
}

function tell(button: HTMLButtonElement, words: string): void {
  const label = button.lastChild;
  if (!label || button.dataset.told) return;
  const before = label.textContent;
  button.dataset.told = "yes";
  button.setAttribute("aria-live", "polite");
  label.textContent = ` ${words}`;
  setTimeout(() => {
    label.textContent = before;
    delete button.dataset.told;
  }, SHOWN_MS);
}
