/** What a sent form came back with takes the focus, so that it is read out and not missed. */
export function focusNotice(page: Document): void {
  const notice = page.querySelector<HTMLElement>("[data-focus]");
  const wrong = page.querySelector<HTMLElement>('[aria-invalid="true"]');
  (notice ?? wrong)?.focus();
}
