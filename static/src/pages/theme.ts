const A_YEAR_S = 365 * 24 * 3600;

/** The theme buttons act at once, without loading the page again; the cookie is the server's. */
export function themeForms(page: Document): void {
  for (const form of page.querySelectorAll<HTMLFormElement>("form[data-theme-form]")) {
    form.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (!(button instanceof HTMLButtonElement)) return;
      event.preventDefault();
      choose(page, button.value);
      for (const each of form.querySelectorAll("button")) {
        each.setAttribute("aria-pressed", String(each === button));
      }
    });
  }
}

function choose(page: Document, theme: string): void {
  const root = page.documentElement;
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  const secure = location.protocol === "https:" ? "; secure" : "";
  page.cookie = `treadle-theme=${theme}; path=/; max-age=${theme ? A_YEAR_S : 0}; samesite=lax${secure}`;
}
