import { t } from "../words/t";
/** Links and forms with `data-confirm` ask in a dialog first. A link's dialog posts to its address, which without JavaScript is a page that asks. */
export function confirmActions(page: Document): void {
  page.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest<HTMLAnchorElement>("a[data-confirm]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.closest("details")?.removeAttribute("open");
    ask(page, link, () => post(page, link.href));
  });
  page.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.confirm) return;
    event.preventDefault();
    ask(page, form, () => form.submit());
  });
}

function ask(page: Document, asked: HTMLElement, go: () => void): void {
  const { confirm = "", confirmText = "", confirmVerb = t("Yes") } = asked.dataset;
  const dialog = element(page, "dialog", "dialog");
  const title = element(page, "h2", "", confirm);
  title.id = "confirm-title";
  dialog.setAttribute("aria-labelledby", title.id);
  const keep = element(page, "button", "button", t("Cancel"));
  const act = element(page, "button", "button button--danger", confirmVerb);
  const actions = element(page, "div", "dialog__actions");
  actions.append(keep, act);
  dialog.append(title, element(page, "p", "dialog__text", confirmText), actions);

  keep.addEventListener("click", () => dialog.close());
  act.addEventListener("click", () => {
    act.disabled = true;
    go();
  });
  dialog.addEventListener("close", () => dialog.remove());
  page.body.append(dialog);
  dialog.showModal();
  keep.focus();
}

function post(page: Document, url: string): void {
  const form = element(page, "form", "");
  form.method = "post";
  form.action = url;
  form.hidden = true;
  const token = element(page, "input", "");
  token.name = "csrfmiddlewaretoken";
  token.value = page.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
  form.append(token);
  page.body.append(form);
  form.submit();
}

function element<Name extends keyof HTMLElementTagNameMap>(
  page: Document,
  name: Name,
  css: string,
  text = "",
): HTMLElementTagNameMap[Name] {
  const made = page.createElement(name);
  if (css) made.className = css;
  if (made instanceof HTMLButtonElement) made.type = "button";
  made.textContent = text;
  return made;
}
