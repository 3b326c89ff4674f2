/** Ctrl+Enter (Cmd+Enter) in a text field sends its form. */
export function submitKeys(page: Document): void {
  for (const form of page.querySelectorAll<HTMLFormElement>("form[data-submit-keys]")) {
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      form.requestSubmit();
    });
  }
}
