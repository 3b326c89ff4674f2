import { t } from "../words/t";
/** A button that shows the password it stands beside. */
export function revealButtons(page: Document): void {
  for (const button of page.querySelectorAll<HTMLButtonElement>("[data-reveal]")) {
    const field = page.getElementById(button.dataset.reveal ?? "");
    if (!(field instanceof HTMLInputElement)) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = field.type === "text";
      field.type = shown ? "password" : "text";
      button.setAttribute("aria-pressed", String(!shown));
      button.textContent = shown ? t("Show") : t("Hide");
    });
  }
}
